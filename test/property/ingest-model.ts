import fc from 'fast-check';

/** A session as expected in the table. */
export interface Session {
  session_id: string;
  station_id: string;
  start_time: string;
  end_time: string | null;
  energy_kwh: number | null;
  location: string | null;
  timestamp: string | null;
}

/** The deliberate fault of a record; undefined for a valid one. */
export type Flaw = 'date' | 'number' | 'negative' | 'end' | 'missing' | 'few' | 'many' | 'quote' | 'broken' | 'scalar';

export interface GeneratedRecord {
  session: Session;
  flaw: Flaw | undefined;
  blankLinesBefore: number;
  quoteAll: boolean;
}

/** Expected counts and rows of an import. */
export interface Outcome {
  read: number;
  added: number;
  updated: number;
  unchanged: number;
  superseded: number;
  quarantined: number;
}

const timestampAt = (at: number): string =>
  new Date(Date.UTC(2024, 0, 1) + at * 60_000).toISOString().slice(0, 19).replace('T', ' ');

const text = fc
  .array(fc.constantFrom('a', 'B', 'ü', '€', ' ', '"', ',', ';', '|', '\t', '\n', '0', "'", '–', '{'), { maxLength: 8 })
  .map((parts) => parts.join(''));

// Few IDs and few versions, so that they collide.
const session: fc.Arbitrary<Session> = fc
  .record({
    id: fc.integer({ min: 0, max: 6 }),
    station: fc.constantFrom('A', 'Bahnhof Süd', 'C 3'),
    start: fc.integer({ min: 0, max: 3 }),
    length: fc.option(fc.integer({ min: 0, max: 2 })),
    energy: fc.option(fc.integer({ min: 0, max: 40 })),
    location: fc.option(text),
    version: fc.option(fc.integer({ min: 0, max: 4 })),
  })
  .map(({ id, station, start, length, energy, location, version }) => ({
    session_id: `s${id}`,
    station_id: station,
    start_time: timestampAt(start * 60),
    end_time: length === null ? null : timestampAt(start * 60 + length * 60),
    energy_kwh: energy === null ? null : energy / 4,
    location,
    timestamp: version === null ? null : timestampAt(version * 60),
  }));

export const records = (flaws: readonly Flaw[]): fc.Arbitrary<GeneratedRecord[]> =>
  fc.array(
    fc.record({
      session,
      flaw: fc.option(fc.constantFrom(...flaws), { nil: undefined, freq: 3 }),
      blankLinesBefore: fc.constantFrom(0, 0, 0, 1, 2),
      quoteAll: fc.boolean(),
    }),
    { maxLength: 14 },
  );

/** Surrounding spaces are trimmed, and an empty text is null. */
const trimOrNull = (value: string | null): string | null => value?.replaceAll(/^ +| +$/g, '') || null;

/** The row of a valid record: its version is its timestamp, else its end, else its start. */
export const expectedRow = (each: Session): Session => ({
  ...each,
  location: trimOrNull(each.location),
  timestamp: each.timestamp ?? each.end_time ?? each.start_time,
});

const isSame = (a: Session, b: Session): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Whether two rows with one ID are different sessions. */
const isOther = (a: Session, b: Session): boolean => a.station_id !== b.station_id || a.start_time !== b.start_time;

/** Applies one file to the table, record by record, and returns the expected result. */
export function applyFile(table: Map<string, Session>, file: readonly GeneratedRecord[]): Outcome {
  const winners = new Map<string, Session>();
  const good = file.filter(({ flaw }) => flaw === undefined).map(({ session: raw }) => expectedRow(raw));
  for (const row of good) {
    const current = winners.get(row.session_id);
    if (!current || row.timestamp! >= current.timestamp!) winners.set(row.session_id, row);
  }
  let [added, updated] = [0, 0];
  let superseded = good.filter((row) => isOther(row, winners.get(row.session_id)!)).length;
  for (const [id, row] of winners) {
    const existing = table.get(id);
    if (!existing) added += 1;
    else if (row.timestamp! >= existing.timestamp! && !isSame(row, existing)) updated += 1;
    else if (isOther(row, existing)) superseded += 1;
    if (!existing || row.timestamp! >= existing.timestamp!) table.set(id, row);
  }
  return {
    read: file.length,
    added,
    updated,
    unchanged: good.length - added - updated - superseded,
    superseded,
    quarantined: file.length - good.length,
  };
}
