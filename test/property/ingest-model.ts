import fc from 'fast-check';

/** A session as it should end in the table. */
export interface Session {
  session_id: string;
  station_id: string;
  start_time: string;
  end_time: string | null;
  energy_kwh: number | null;
  location: string | null;
  timestamp: string | null;
}

/** What is wrong with a record on purpose; undefined for a good one. */
export type Flaw = 'date' | 'number' | 'negative' | 'end' | 'missing' | 'few' | 'many' | 'quote' | 'broken' | 'scalar';

export interface GeneratedRecord {
  session: Session;
  flaw: Flaw | undefined;
  blankLinesBefore: number;
  quoteAll: boolean;
}

/** What an ingest should tell and leave behind. */
export interface Outcome {
  read: number;
  added: number;
  updated: number;
  unchanged: number;
  quarantined: number;
}

const timestampAt = (at: number): string =>
  new Date(Date.UTC(2024, 0, 1) + at * 60_000).toISOString().slice(0, 19).replace('T', ' ');

const text = fc
  .array(fc.constantFrom('a', 'B', 'ü', '€', ' ', '"', ',', ';', '|', '\t', '\n', '0', "'", '–', '{'), { maxLength: 8 })
  .map((parts) => parts.join(''));

// Few ids and few versions, so that they meet.
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

/** Blanks at the ends of a text go, and an empty text is none. */
const trimOrNull = (value: string | null): string | null => value?.replaceAll(/^ +| +$/g, '') || null;

/** The row a good record makes: its version is its timestamp, else its end, else its start. */
export const expectedRow = (each: Session): Session => ({
  ...each,
  location: trimOrNull(each.location),
  timestamp: each.timestamp ?? each.end_time ?? each.start_time,
});

const isSame = (a: Session, b: Session): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Plays one file into the table, one record after the other, and answers what the program should say of it. */
export function applyFile(table: Map<string, Session>, file: readonly GeneratedRecord[]): Outcome {
  const winners = new Map<string, Session>();
  const good = file.filter(({ flaw }) => flaw === undefined);
  for (const { session: raw } of good) {
    const row = expectedRow(raw);
    const current = winners.get(row.session_id);
    if (!current || row.timestamp! >= current.timestamp!) winners.set(row.session_id, row);
  }
  let [added, updated] = [0, 0];
  for (const [id, row] of winners) {
    const existing = table.get(id);
    if (!existing) added += 1;
    else if (row.timestamp! >= existing.timestamp! && !isSame(row, existing)) updated += 1;
    if (!existing || row.timestamp! >= existing.timestamp!) table.set(id, row);
  }
  return {
    read: file.length,
    added,
    updated,
    unchanged: good.length - added - updated,
    quarantined: file.length - good.length,
  };
}
