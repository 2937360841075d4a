import type { GeneratedRecord } from './ingest-model.ts';

/** Text of a file, and the lines where its flawed records begin, as an editor counts them. */
export interface GeneratedFile {
  text: string;
  flawedLines: number[];
}

export interface CsvStyle {
  delimiter: string;
  lineEnds: readonly string[];
  bom: boolean;
  lastLineEnd: boolean;
}

const header = ['session_id', 'station_id', 'start_time', 'end_time', 'energy_consumed', 'location', 'timestamp'];

export function writeCsv(file: readonly GeneratedRecord[], style: CsvStyle): GeneratedFile {
  const lines: string[] = [header.join(style.delimiter)];
  const flawedLines: number[] = [];
  let line = 2;
  const addRecord = (record: string): void => {
    lines.push(record);
    line += record.split('\n').length;
  };
  for (const generated of file) {
    for (let blank = 0; blank < generated.blankLinesBefore; blank += 1) addRecord('');
    if (generated.flaw !== undefined) flawedLines.push(line);
    addRecord(csvRecord(generated, style.delimiter));
  }
  const terminated = lines.map(
    (each, at) =>
      each + (at === lines.length - 1 && !style.lastLineEnd ? '' : style.lineEnds[at % style.lineEnds.length]),
  );
  return { text: (style.bom ? '\uFEFF' : '') + terminated.join(''), flawedLines };
}

function csvRecord({ session, flaw, quoteAll }: GeneratedRecord, delimiter: string): string {
  const quote = (value: string): string =>
    quoteAll || /["\n\r,;|\t]|^ | $/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  const values = Object.values(withFlaw(session, flaw)).map((value) => quote(value === null ? '' : String(value)));
  if (flaw === 'few') return values.slice(0, 3).join(delimiter);
  if (flaw === 'many') return [...values, 'more'].join(delimiter);
  if (flaw === 'quote') return [`"${session.session_id}"x`, ...values.slice(1)].join(delimiter);
  return values.join(delimiter);
}

function withFlaw(
  session: GeneratedRecord['session'],
  flaw: GeneratedRecord['flaw'],
): Record<keyof GeneratedRecord['session'], string | number | null> {
  switch (flaw) {
    case 'date':
      return { ...session, start_time: 'yesterday' };
    case 'number':
      return { ...session, energy_kwh: 'n/a' };
    case 'negative':
      return { ...session, energy_kwh: -0.5 };
    case 'end':
      return { ...session, end_time: '1999-12-31 23:59:59' };
    case 'missing':
      return { ...session, station_id: null };
    case 'quote':
      // A record with a broken quote has no known end, so each of its lines counts: keep it on one line.
      return { ...session, location: session.location?.replaceAll('\n', ' ') ?? null };
    default:
      return session;
  }
}

/** Keys alternate between their own name and an alias. */
export function writeNdjson(file: readonly GeneratedRecord[], lineEnds: readonly string[]): GeneratedFile {
  const lines: string[] = [];
  const flawedLines: number[] = [];
  for (const [at, generated] of file.entries()) {
    for (let blank = 0; blank < generated.blankLinesBefore; blank += 1) lines.push(blank === 0 ? '' : '  ');
    if (generated.flaw !== undefined) flawedLines.push(lines.length + 1);
    lines.push(jsonRecord(generated, at));
  }
  return { text: lines.map((line, at) => line + lineEnds[at % lineEnds.length]).join(''), flawedLines };
}

export function jsonRecord({ session, flaw }: GeneratedRecord, at: number): string {
  if (flaw === 'broken') return '{"session_id": "s1", "station_id":';
  if (flaw === 'scalar') return ['"text"', '[1, 2]', 'null', '17'][at % 4]!;
  const { station_id: station, energy_kwh: energy, ...rest } = withFlaw(session, flaw);
  return JSON.stringify({
    ...rest,
    [at % 2 === 0 ? 'station_id' : 'charger_id']: station,
    [at % 3 === 0 ? 'energy_kwh' : 'energy_consumed']: energy,
  });
}
