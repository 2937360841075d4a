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

export interface Made {
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

const minute = (at: number): string =>
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
    start_time: minute(start * 60),
    end_time: length === null ? null : minute(start * 60 + length * 60),
    energy_kwh: energy === null ? null : energy / 4,
    location,
    timestamp: version === null ? null : minute(version * 60),
  }));

export const records = (flaws: readonly Flaw[]): fc.Arbitrary<Made[]> =>
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
const tidy = (value: string | null): string | null => value?.replaceAll(/^ +| +$/g, '') || null;

/** The row a good record makes: its version is its timestamp, else its end, else its start. */
export const stored = (each: Session): Session => ({
  ...each,
  location: tidy(each.location),
  timestamp: each.timestamp ?? each.end_time ?? each.start_time,
});

const same = (a: Session, b: Session): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Plays one file into the table, one record after the other, and answers what the program should say of it. */
export function play(table: Map<string, Session>, file: readonly Made[]): Outcome {
  const winners = new Map<string, Session>();
  const good = file.filter(({ flaw }) => flaw === undefined);
  for (const { session: raw } of good) {
    const row = stored(raw);
    const rival = winners.get(row.session_id);
    if (!rival || row.timestamp! >= rival.timestamp!) winners.set(row.session_id, row);
  }
  let [added, updated] = [0, 0];
  for (const [id, row] of winners) {
    const known = table.get(id);
    if (!known) added += 1;
    else if (row.timestamp! >= known.timestamp! && !same(row, known)) updated += 1;
    if (!known || row.timestamp! >= known.timestamp!) table.set(id, row);
  }
  return {
    read: file.length,
    added,
    updated,
    unchanged: good.length - added - updated,
    quarantined: file.length - good.length,
  };
}
