import fc from 'fast-check';
import { expect, test } from 'vitest';
import { literal } from '../../src/warehouse/duckdb.ts';
import { minCount, runs } from '../support/runs.ts';
import { createReportRunner } from '../warehouse/report-runner.ts';

const { duckdb, run } = await createReportRunner({
  all_times: [
    '/*---',
    'title: All times of use',
    'description: All times of use.',
    'columns: { station_id: { description: ID }, is_charging: { description: Use }, seconds: { description: Length } }',
    'key: [station_id, is_charging]',
    'sort: { default: station_id, allow: [] }',
    'page: { kind: none }',
    'answer: { shape: tinybird }',
    '---*/',
    'select station_id, is_charging, sum(ends - starts) as seconds from activity_times where ends > starts group by station_id, is_charging',
    '',
  ].join('\n'),
});

interface Status {
  station: string;
  connector: string | null;
  /** Hours since the first day. */
  at: number;
  status: string;
}
const hours = 240;
const stations = ['A', 'B', 'C'];
const status = fc.record({
  station: fc.constantFrom(...stations),
  connector: fc.constantFrom('1', '1', '1', '2', '0', null),
  at: fc.integer({ min: 0, max: hours }),
  // Long runs of pauses reach far back.
  status: fc.constantFrom(
    'Charging',
    'Charging',
    'SuspendedEV',
    'finishing',
    'SuspendedEVSE',
    'SuspendedEV',
    'Available',
    'Faulted',
  ),
});
const written = (at: number): string =>
  new Date(Date.UTC(2025, 0, 1) + at * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

/** Hours of each use by charge point, read off the statuses one after the other. */
function expectedHours(statuses: readonly Status[], from: number, to: number): Map<string, number> {
  const totals = new Map<string, number>();
  for (const [station, connector] of stations.flatMap((each) => [[each, '1'] as const, [each, '2'] as const])) {
    let hasCharged = false;
    const own = statuses
      .filter((each) => each.station === station && each.connector === connector && each.at <= to)
      .toSorted((a, b) => a.at - b.at);
    for (const [n, { at, status: text }] of own.entries()) {
      const word = text.toLowerCase();
      if (word === 'charging') hasCharged = true;
      else if (!['suspendedev', 'suspendedevse', 'finishing'].includes(word)) hasCharged = false;
      const isIdle = word === 'suspendedev' || word === 'finishing';
      if (word !== 'charging' && !(isIdle && hasCharged)) continue;
      const length = Math.min(own[n + 1]?.at ?? to, to) - Math.max(at, from);
      const key = `${station} ${word === 'charging'}`;
      if (length > 0) totals.set(key, (totals.get(key) ?? 0) + length);
    }
  }
  return totals;
}

test('times of use in a period are those of all statuses, cut to the period', { timeout: 300_000 }, async () => {
  let idle = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(status, {
        maxLength: 60,
        size: 'max',
        selector: ({ station, connector, at }) => `${station} ${connector ?? '0'} ${at}`,
      }),
      fc.integer({ min: 0, max: hours - 1 }),
      fc.integer({ min: 1, max: hours }),
      async (statuses, from, length) => {
        const to = Math.min(from + length, hours);
        await duckdb.run('delete from charge_point_events');
        if (statuses.length > 0)
          await duckdb.run(
            `insert into charge_point_events (event_id, station_id, event_type, event_time, connector_id, status, last_updated) values ${statuses
              .map(
                (each, n) =>
                  `('e${n}', '${each.station}', 'status', '${written(each.at)}', ${each.connector === null ? 'null' : literal(each.connector)}, '${each.status}', '${written(each.at)}')`,
              )
              .join(', ')}`,
          );
        const period = { from: written(from), as_of: written(to) };
        const { rows } = await run('all_times', period);
        const actual = new Map(
          rows.map((row) => [`${row['station_id']} ${row['is_charging']}`, Number(row['seconds']) / 3600]),
        );
        const expected = expectedHours(statuses, from, to);
        for (const key of expected.keys()) if (key.endsWith('false')) idle += 1;
        expect(Object.fromEntries([...actual].toSorted())).toEqual(Object.fromEntries([...expected].toSorted()));
      },
    ),
    { numRuns: runs(100) },
  );
  expect(idle).toBeGreaterThan(minCount(10));
});
