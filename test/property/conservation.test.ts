import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openForWriting } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { ingestSource } from '../support/ingest.ts';
import { runs } from '../support/runs.ts';
import { applyFile, records, type Outcome, type Session } from './ingest-model.ts';
import { writeCsv, writeNdjson, type GeneratedFile } from './write-files.ts';

const folder = scratch();
const db = join(folder, 'law.duckdb');
const { duckdb, catalog } = await openEngine();
await openForWriting(duckdb, db, catalog);

/** Imports a text as a file and returns the result, the rejected lines and the whole table. */
async function take(
  name: string,
  { text }: GeneratedFile,
): Promise<{ outcome: Outcome; lines: unknown[]; table: unknown[] }> {
  const path = join(folder, name);
  writeFileSync(path, text);
  await duckdb.run('delete from quarantine');
  const { read, added, updated, unchanged, superseded, quarantined } = await ingestSource(duckdb, catalog, db, path, {
    source: 'charging_sessions',
  });
  const lines = await duckdb.rows('select line from quarantine order by line');
  const table = await duckdb.rows(
    'select session_id, station_id, start_time, end_time, energy_kwh, location, "timestamp" from charging_sessions order by session_id',
  );
  return {
    outcome: { read, added, updated, unchanged, superseded, quarantined },
    lines: lines.map(({ line }) => line),
    table,
  };
}

/** Two files, one after the other, must give the counts and rows of the model. */
async function check(
  files: readonly { made: Parameters<typeof applyFile>[1]; written: GeneratedFile }[],
  ending: string,
): Promise<void> {
  await duckdb.run('delete from charging_sessions');
  const model = new Map<string, Session>();
  for (const [at, { made, written }] of files.entries()) {
    const expected = applyFile(model, made);
    const { outcome, lines, table } = await take(`file-${at}.${ending}`, written);
    expect(outcome).toEqual(expected);
    expect(lines).toEqual(written.flawedLines);
    expect(table).toEqual([...model.values()].toSorted((a, b) => (a.session_id < b.session_id ? -1 : 1)));
    expect(outcome.added + outcome.updated + outcome.unchanged + outcome.superseded + outcome.quarantined).toBe(
      outcome.read,
    );
  }
}

const csvStyle = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnds: fc.constantFrom(['\n'], ['\r\n'], ['\n', '\r\n'], ['\r\n', '\n', '\n']),
  bom: fc.boolean(),
  lastLineEnd: fc.boolean(),
});
const csvFlaws = ['date', 'number', 'negative', 'end', 'missing', 'few', 'many', 'quote'] as const;
const csvFile = fc
  .record({ made: records(csvFlaws), style: csvStyle })
  .map(({ made, style }) => ({ made, written: writeCsv(made, style) }));

test(
  'CSV: every row of a dirty file is accounted for, and the table matches the model',
  { timeout: 240_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(csvFile, csvFile, (first, second) => check([first, second], 'csv')),
      { numRuns: runs(40), seed: 20260102 },
    );
  },
);

const jsonFlaws = ['date', 'number', 'negative', 'end', 'missing', 'broken', 'scalar'] as const;
// The first record is valid, so that the file is detected as one object per line.
const jsonFile = fc
  .record({
    made: records(jsonFlaws).filter((made) => made.length > 0 && made[0]!.flaw === undefined),
    lineEnds: fc.constantFrom(['\n'], ['\r\n'], ['\n', '\r\n']),
  })
  .map(({ made, lineEnds }) => ({ made, written: writeNdjson(made, lineEnds) }));

test(
  'NDJSON: every row of a dirty file is accounted for, and the table matches the model',
  { timeout: 240_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(jsonFile, jsonFile, (first, second) => check([first, second], 'ndjson')),
      { numRuns: runs(40), seed: 20260103 },
    );
  },
);

test('importing the same files again changes nothing', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(csvFile, async (file) => {
      await duckdb.run('delete from charging_sessions');
      const before = await take('again.csv', file.written);
      const after = await take('again.csv', file.written);
      expect(after.table).toEqual(before.table);
      expect(after.outcome).toMatchObject({
        read: before.outcome.read,
        added: 0,
        updated: 0,
        quarantined: before.outcome.quarantined,
      });
    }),
    { numRuns: runs(20), seed: 20260104 },
  );
});
