import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ingestFile } from '../../src/ingest/ingest-file.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';
import { expectedRow, records, type Flaw, type GeneratedRecord, type Session } from './ingest-model.ts';
import { jsonRecord, writeCsv, type CsvStyle } from './write-files.ts';

const folder = scratch();
const db = join(folder, 'order.duckdb');
const { duckdb, catalog } = await openEngine();
await openForWriting(duckdb, db, catalog);

type Format = 'csv' | 'ndjson';
/** A record with its position, which decides the names of its keys in JSON. */
type Placed = GeneratedRecord & { place: number };
interface File {
  path: string;
  text: string;
}

const always: readonly Flaw[] = ['date', 'number', 'negative', 'end', 'missing'];
const flaws: Record<Format, readonly Flaw[]> = {
  csv: [...always, 'few', 'many', 'quote'],
  ndjson: [...always, 'broken', 'scalar'],
};

const style = fc.record({
  lineEnds: fc.constantFrom(['\n'], ['\r\n'], ['\n', '\r\n']),
  bom: fc.boolean(),
  lastLineEnd: fc.boolean(),
});

const splitFiles = fc.record({
  made: fc
    .array(records([...new Set([...flaws.csv, ...flaws.ndjson])]), { minLength: 1, maxLength: 4 })
    .map((lists) => lists.flat()),
  homes: fc.array(fc.nat(59), { minLength: 60, maxLength: 60 }),
  formats: fc.oneof(
    fc.constantFrom<Format>('csv', 'ndjson').map((format) => Array.from({ length: 6 }, () => format)),
    fc.array(fc.constantFrom<Format>('csv', 'ndjson'), { minLength: 6, maxLength: 6 }),
  ),
  parts: fc.integer({ min: 1, max: 6 }),
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  styles: fc.array(style, { minLength: 6, maxLength: 6 }),
  ranks: fc.array(fc.nat(1_000), { minLength: 6, maxLength: 6 }),
  again: fc.array(fc.record({ part: fc.nat(59), rank: fc.nat(1_000), force: fc.boolean() }), { maxLength: 3 }),
});

/** Gives each record a flaw its format can have; the first of each NDJSON file stays valid, so that it is detected as one object per line. */
function dealt(
  made: readonly GeneratedRecord[],
  homes: readonly number[],
  formats: readonly Format[],
  parts: number,
): Placed[][] {
  const dealtOut: Placed[][] = Array.from({ length: parts }, () => []);
  // Equal versions of a session are identical: otherwise the order of imports would matter.
  const firstByVersion = new Map<string, Session>();
  for (const [place, each] of made.entries()) {
    const part = homes[place % homes.length]! % parts;
    const format = formats[part]!;
    const isFirst = format === 'ndjson' && dealtOut[part]!.length === 0;
    const flaw =
      isFirst || each.flaw === undefined ? undefined : flaws[format].includes(each.flaw) ? each.flaw : 'date';
    const version = `${each.session.session_id} ${expectedRow(each.session).timestamp}`;
    if (flaw === undefined && !firstByVersion.has(version)) firstByVersion.set(version, each.session);
    dealtOut[part]!.push({
      ...each,
      flaw,
      place,
      session: flaw === undefined ? firstByVersion.get(version)! : each.session,
    });
  }
  return dealtOut;
}

function written(name: string, format: Format, part: readonly Placed[], csvStyle: CsvStyle): File {
  const text =
    format === 'csv' ? writeCsv(part, csvStyle).text : part.map((each) => `${jsonRecord(each, each.place)}\n`).join('');
  return { path: join(folder, `${name}.${format}`), text };
}

/** The newest version of each session, in any order. */
function newest(made: readonly GeneratedRecord[]): Session[] {
  const sessions = made.filter(({ flaw }) => flaw === undefined).map(({ session }) => expectedRow(session));
  return [...new Set(sessions.map(({ session_id: id }) => id))]
    .toSorted()
    .map((id) =>
      sessions
        .filter((each) => each.session_id === id)
        .reduce((best, each) => (each.timestamp! > best.timestamp! ? each : best)),
    );
}

/** Imports the files into an empty database and returns every session row, and each rejected text once. */
async function takeAll(
  visits: readonly { file: File; force: boolean }[],
): Promise<{ table: Record<string, unknown>[]; quarantined: unknown[] }> {
  for (const table of ['charging_sessions', 'quarantine', 'ingests']) await duckdb.run(`delete from ${table}`);
  for (const { file, force } of visits) {
    writeFileSync(file.path, file.text);
    const accounts = await ingestFile(duckdb, catalog, db, file.path, {
      source: 'charging_sessions',
      defaultTimeZone: 'UTC',
      stdin: Readable.from([]),
      force,
    });
    expect(accounts).toHaveLength(1);
    // A file that was already imported is skipped; every other row is accounted for.
    for (const account of accounts) {
      if ('alreadyIn' in account) continue;
      expect(account.added + account.updated + account.unchanged + account.superseded + account.quarantined).toBe(
        account.read,
      );
    }
  }
  return {
    table: await duckdb.rows('select * from charging_sessions order by session_id'),
    quarantined: await duckdb.rows('select distinct reason, raw from quarantine order by all'),
  };
}

test('a file that is split, mixed and repeated gives the same rows', async () => {
  await fc.assert(
    fc.asyncProperty(splitFiles, async ({ made, homes, formats, parts, delimiter, styles, ranks, again }) => {
      const split = dealt(made, homes, formats, parts);
      const files = split.map((part, n) => written(`part-${n}`, formats[n]!, part, { ...styles[n]!, delimiter }));
      const visits = [...files.keys()]
        .map((part) => ({ part, rank: ranks[part]!, force: false }))
        .concat(again.map((each) => ({ ...each, part: each.part % parts })))
        .filter(({ part }) => files[part]!.text !== '')
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ part, force }) => ({ file: files[part]!, force }));

      // Rejected rows keep their original text, so each format has its own expectation.
      const wholes = (['csv', 'ndjson'] as const).flatMap((format) => {
        const all = split
          .filter((_, n) => formats[n] === format)
          .flat()
          .toSorted((a, b) => a.place - b.place);
        return all.length === 0
          ? []
          : [{ file: written('whole', format, all, { ...styles[0]!, delimiter }), force: false }];
      });
      const whole = await takeAll(wholes);
      const pieces = await takeAll(visits);
      expect(pieces).toEqual(whole);

      const expected = newest(split.flat());
      expect(whole.table).toHaveLength(expected.length);
      expect(whole.table).toMatchObject(expected);
    }),
    // Shrinking stops in time to report its result.
    { numRuns: runs(12), seed: 20260107, interruptAfterTimeLimit: 40_000 },
  );
});
