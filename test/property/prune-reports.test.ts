import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Report } from '../../src/catalog/definitions.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { pruneEvents } from '../../src/warehouse/prune.ts';
import { prepareToRead } from '../../src/warehouse/database.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { minCount, runs } from '../support/runs.ts';

const { duckdb, catalog, content, empty } = await engineDatabase();
const reports = await Promise.all(
  ['uptime_port_days', 'heartbeat_status', 'network_status'].map((name) => catalog.report(name)),
);

/** Minutes are multiples of five, like the interval of heartbeats. */
const minute = fc.integer({ min: 0, max: 600 }).map((step) => step * 5);
const event = fc.record({
  station: fc.constantFrom('A', 'B'),
  type: fc.constantFrom('disconnect', 'connect', 'status', 'status', 'boot', 'heartbeat'),
  at: minute,
  status: fc.constantFrom('Available', 'Faulted', 'Unavailable', 'Charging'),
});
const beats = fc.record({
  station: fc.constantFrom('A', 'B'),
  first: minute,
  count: fc.integer({ min: 1, max: 120 }),
});

const timeOf = (at: number): string =>
  new Date(Date.UTC(2025, 0, 1, 0, at)).toISOString().slice(0, 19).replace('T', ' ');

const run = async (report: Report, from: number, asOf: number): Promise<unknown> => {
  const names = report.parameters.map(({ name }) => name);
  const given = {
    from: timeOf(from),
    to: timeOf(asOf),
    as_of: timeOf(asOf),
    ...(report.parameters.some(({ required }) => required) ? { charge_point_id: 'A' } : { project_id: 'S' }),
  };
  const params = Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
  const context = { now: new Date('2026-01-01T00:00:00Z'), label: (name: string) => name, defaultTimeZone: 'UTC' };
  return (await runReport(duckdb, report, params, context)).rows;
};
const runAll = async (from: number, asOf: number): Promise<unknown[]> => {
  await prepareToRead(duckdb, catalog);
  const answers: unknown[] = [];
  for (const report of reports) answers.push(await run(report, from, asOf));
  await duckdb.run('drop view charge_point_events');
  return answers;
};

test('reports on the time that is kept do not depend on what was deleted', async () => {
  await content('points.csv', 'station_id,site_id,name\nA,S,a\nB,S,b\n', { source: 'charge_points' });
  let deleted = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 10, maxLength: 30 }),
      fc.array(beats, { minLength: 3, maxLength: 6 }),
      fc.integer({ min: 1, max: 120 }),
      async (events, series, pause) => {
        const [from, asOf] = [1440 + 5 * pause, 2880 + 5 * pause];
        const lines = [
          ...events.map(({ station, type, at, status }) =>
            [station, type, timeOf(at), type === 'status' ? '1' : '', type === 'status' ? status : ''].join(','),
          ),
          ...series.flatMap(({ station, first, count }) =>
            Array.from({ length: count }, (_, beat) => `${station},heartbeat,${timeOf(first + 5 * beat)},,`),
          ),
        ];
        await empty('charge_point_events');
        await content('events.csv', ['station_id,event_type,event_time,connector_id,status', ...lines, ''].join('\n'));
        const before = await runAll(from, asOf);
        const rules = ['disconnect', 'connect', 'status', 'boot', 'heartbeat'].map((type) => ({ type, days: 1 }));
        // Events before `from` are older than a day.
        const counts = await pruneEvents(duckdb, rules, BigInt(Date.UTC(2025, 0, 2, 0, from)) * 1000n);
        expect(await runAll(from, asOf)).toEqual(before);
        deleted += counts.reduce((sum, count) => sum + count.deleted, 0);
      },
    ),
    { numRuns: runs(10), seed: 20261129, endOnFailure: true },
  );
  expect(deleted).toBeGreaterThan(minCount(200));
});
