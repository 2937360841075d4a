import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withComparison } from '../../src/reports/compare.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { openForReading } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { context, createSet } from '../support/report-cases.ts';

const db = join(scratch(), 'outages.duckdb');
await createSet('outages', db);
const { duckdb, catalog } = await openEngine();
await openForReading(duckdb, db, catalog);
const run = async (name: string, params: Record<string, string>): Promise<Record<string, unknown>[]> =>
  (await runReport(duckdb, await catalog.report(name), params, context)).rows;

const period = { from: '2024-06-12', to: '2024-06-13', as_of: '2024-06-30' };
const earlierPeriod = { ...period, from: '2024-06-10', to: '2024-06-11' };

test('uptime is compared with that of the period before', async () => {
  // Birch as a whole was faulted on 10 June from 10:00 to 16:00: 360 minutes at each of two ports, of 2 x 2,880.
  expect(await run('uptime_total', { ...period, charge_point_id: 'B', compare: 'previous' })).toMatchObject([
    {
      uptime: 1,
      uptime_before: 0.875,
      downtime_minutes: 0,
      downtime_minutes_before: 720,
      port_minutes: 5760,
      port_minutes_before: 5760,
    },
  ]);
});

test.each(['uptime_total', 'uptime_report', 'uptime_port_days'])(
  '%s: both periods have the values of reports of their own',
  async (name) => {
    const compared = await run(name, { ...period, compare: 'previous' });
    const report = await catalog.report(name);
    const isText = (column: string): boolean => report.key.includes(column) || !(`${column}_before` in compared[0]!);
    const values = (rows: Record<string, unknown>[], suffix: string): unknown[] =>
      rows
        .map((row) =>
          Object.fromEntries(
            report.columns
              .filter(({ name: column }) => !isText(column))
              .map(({ name: column }) => [column, row[`${column}${suffix}`]]),
          ),
        )
        // Without a row, a sum is 0 and a share unknown.
        .filter((row) => Object.values(row).some((value) => value !== null && value !== 0))
        .map((row) => JSON.stringify(row))
        .toSorted();
    expect(values(compared, '').length).toBeGreaterThan(0);
    expect(values(compared, '')).toEqual(values(await run(name, period), ''));
    expect(values(compared, '_before')).toEqual(values(await run(name, earlierPeriod), ''));
  },
);

test('events are read once for both periods', async () => {
  const report = await catalog.report('uptime_total');
  const names = withComparison(report, { compare: 'previous' }).views.map(({ name }) => name);
  expect(names.filter((name) => /connector_states|offline_periods|downtimes$/.test(name))).toEqual([
    'connector_states',
    'offline_periods',
    'downtimes',
  ]);
});
