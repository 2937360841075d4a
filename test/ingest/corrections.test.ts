import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { runReport } from '../../src/reports/run-report.ts';
import type { Row } from '../../src/warehouse/values.ts';
import { createColumnViews, tablesInFile } from '../../src/warehouse/tables.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { runs } from '../support/runs.ts';

const { duckdb, catalog, lines, write, file, empty } = await engineDatabase();
const report = await catalog.report('issues');

/** All issues, with as little text as identifies them. */
async function issues(asOf?: string): Promise<Row[]> {
  await createColumnViews(duckdb, await tablesInFile(duckdb));
  const params = { resolved_within_days: '100000', ...(asOf === undefined ? {} : { as_of: asOf }) };
  return (await runReport(duckdb, report, params, { now: new Date(Date.now() + 1000), label: (name) => name })).rows;
}
const states = async (asOf?: string): Promise<unknown[]> =>
  (await issues(asOf)).map(({ session_id, found_by, status, note }) => [session_id, found_by, status, note]);

const header = 'session_id,station_id,start_time,end_time,energy_kwh,meter_start,meter_stop,timestamp';
const sessionLine = (kwh: number, version: number): string =>
  `s1,cp1,2025-01-01 10:00:00,2025-01-01 11:00:00,${kwh},0,10000,2025-01-01 ${10 + version}:30:00`;

beforeEach(async () => {
  for (const source of ['charging_sessions', 'tariffs']) await empty(source);
  await duckdb.run('delete from db.main.resolved_issues');
});

test('a corrected session resolves its issue when the correction is imported', async () => {
  await lines(header, sessionLine(50, 1));
  const [found] = await issues();
  expect(await states()).toEqual([['s1', 'meter_contradiction', 'open', null]]);
  await lines(header, sessionLine(10, 2));
  expect(await states()).toEqual([['s1', 'meter_contradiction', 'resolved', 'Resolved by a correction']]);
  const [resolved] = await issues();
  const { ingested_at: importedAt } = await duckdb.row(
    "select date_trunc('second', max(ingested_at)) as ingested_at from db.main.ingests",
  );
  expect([resolved?.['issue_id'], resolved?.['resolved_at']]).toEqual([found?.['issue_id'], importedAt]);
  // Sessions are as corrected at any time, so the issue is not listed for a time before the import.
  expect(await states('2025-01-02')).toEqual([]);
});

test('a correction that contradicts too leaves the issue open, and a later contradiction opens it again', async () => {
  await lines(header, sessionLine(50, 1));
  const [found] = await issues();
  await lines(header, sessionLine(40, 2));
  expect(await states()).toEqual([['s1', 'meter_contradiction', 'open', null]]);
  await lines(header, sessionLine(10, 3));
  await lines(header, sessionLine(30, 4));
  const rows = await issues();
  expect(rows.map(({ issue_id, status }) => [issue_id, status])).toEqual([[found?.['issue_id'], 'open']]);
});

test('a corrected tariff resolves the issues of its sessions', async () => {
  await lines('tariff_id,currency,price_per_kwh,last_updated', 't,EUR,0.5,2025-01-01 00:00:00');
  await lines(
    'session_id,station_id,start_time,end_time,energy_kwh,amount_paid,currency,tariff_id,timestamp',
    's1,cp1,2025-01-01 10:00:00,2025-01-01 11:00:00,10,4,EUR,t,2025-01-01 11:00:00',
    's2,cp1,2025-01-01 12:00:00,2025-01-01 13:00:00,10,7,EUR,t,2025-01-01 13:00:00',
  );
  expect((await states()).map((each) => (each as unknown[])[2])).toEqual(['open', 'open']);
  await lines('tariff_id,currency,price_per_kwh,last_updated', 't,EUR,0.4,2025-01-02 00:00:00');
  expect(await states()).toEqual([
    ['s2', 'tariff_contradiction', 'open', null],
    ['s1', 'tariff_contradiction', 'resolved', 'Resolved by a correction'],
  ]);
});

test('a file that replaces all sessions resolves the issues it removes', async () => {
  await lines(header, sessionLine(50, 1));
  await file(write('again.csv', `${header}\n${sessionLine(10, 1)}\n`), { replaced: new Set() });
  expect(await states()).toEqual([['s1', 'meter_contradiction', 'resolved', 'Resolved by a correction']]);
});

test('after any corrections, an issue is open if the session contradicts, and resolved if it did before', async () => {
  // The meter counted 10 kWh.
  const energies = fc.array(fc.constantFrom(10, 10, 50, 12, 9), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(energies, async (values) => {
      for (const table of ['charging_sessions', 'resolved_issues']) await duckdb.run(`delete from db.main.${table}`);
      for (const [at, kwh] of values.entries()) await lines(header, sessionLine(kwh, at));
      const expected = values.at(-1) !== 10 ? ['open'] : values.some((kwh) => kwh !== 10) ? ['resolved'] : [];
      expect((await issues()).map(({ status }) => status)).toEqual(expected);
    }),
    { numRuns: runs(30), seed: 20260301 },
  );
});
