import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RawParameters } from '../../src/catalog/definitions.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

const { duckdb, catalog } = await openEngine();
const context = { now: new Date('2030-01-01T00:00:00Z'), label: (name: string) => `--${name}` };
const everything = { from: '0001-01-01', to: '9999-12-31' };

async function run(name: string, params: RawParameters): Promise<Record<string, unknown>[]> {
  return (await runReport(duckdb, await catalog.report(name), params, context)).rows;
}

/** Stores sessions of one kWh: charge point, start and end. */
async function store(...sessions: [station: string, start: string, end: string | null][]): Promise<void> {
  await duckdb.run('delete from charging_sessions');
  const rows = sessions.map(
    ([station, start, end], at) =>
      `('s${at}', '${station}', timestamp '${start}', ${end === null ? 'null' : `timestamp '${end}'`}, 1, timestamp '${start}')`,
  );
  if (rows.length > 0)
    await duckdb.run(
      `insert into charging_sessions (session_id, station_id, start_time, end_time, energy_kwh, "timestamp") values ${rows.join(', ')}`,
    );
}

const firstAndLast = (rows: readonly Record<string, unknown>[], column = 'period'): unknown[] => [
  rows.length,
  rows[0]?.[column],
  rows.at(-1)?.[column],
];

describe('a period longer than the data', () => {
  beforeEach(() =>
    store(
      ['a', '2024-01-10 22:00:00', '2024-01-11 02:00:00'],
      ['b', '2024-03-04 10:00:00', '2024-03-04 11:00:00'],
      ['b', '2024-03-04 23:00:00', '2024-03-06 00:00:00'],
    ),
  );

  test.each([
    [{}, [55, '2024-01-10', '2024-03-04']],
    [{ by: 'end' }, [56, '2024-01-11', '2024-03-06']],
    // The last session ends at midnight: it ran on the 5th, not on the 6th.
    [{ by: 'spread' }, [56, '2024-01-10', '2024-03-05']],
    [{ granularity: 'week' }, [9, '2024-01-08', '2024-03-04']],
    [{ granularity: 'month' }, [3, '2024-01-01', '2024-03-01']],
    [{ tz: 'Pacific/Kiritimati' }, [55, '2024-01-11', '2024-03-05']],
    // The limits are those of the whole table, so that series of charge points have the same dates.
    [{ charge_point_id: 'a' }, [55, '2024-01-10', '2024-03-04']],
    [{ charge_point_id: 'none' }, [55, '2024-01-10', '2024-03-04']],
  ])('energy_trends begins and ends with the data: %j', async (params, expected) => {
    const rows = await run('energy_trends', { ...everything, ...params });
    expect(firstAndLast(rows)).toEqual(expected);
  });

  test.each([
    ['2024-01-20', '2024-02-10', 22],
    ['2024-03-20', '2024-04-10', 0],
    ['2023-03-20', '2023-04-10', 0],
    ['2024-03-04', '2024-04-10', 1],
  ])('energy_trends from %s to %s has %i days', async (from, to, days) => {
    expect(await run('energy_trends', { from, to })).toHaveLength(days);
  });

  test.each([
    [{ granularity: 'day' }, [56, '2024-01-10', '2024-03-05']],
    [{ granularity: 'week' }, [9, '2024-01-08', '2024-03-04']],
    [{ granularity: 'month', tz: 'Asia/Kathmandu' }, [3, '2024-01-01', '2024-03-01']],
    [{ granularity: 'day', charge_point_id: 'a' }, [56, '2024-01-10', '2024-03-05']],
    [{ granularity: 'all' }, [1, '0001-01-01', '0001-01-01']],
  ])('peak_load begins and ends with the data: %j', async (params, expected) => {
    expect(firstAndLast(await run('peak_load', { ...everything, sort: 'period', ...params }))).toEqual(expected);
  });

  test('a session without an end makes peak_load end 24 hours after its start, or at as_of', async () => {
    await store(['a', '2024-01-10 22:00:00', '2024-01-11 02:00:00'], ['b', '2024-01-10 23:00:00', null]);
    const last = async (params: RawParameters): Promise<unknown[]> =>
      firstAndLast(await run('peak_load', { ...everything, granularity: 'day', ...params }));
    expect(await last({ as_of: '2024-01-13 12:00:00' })).toEqual([2, '2024-01-10', '2024-01-11']);
    expect(await last({ as_of: '2024-01-13 12:00:00', open_session_hours: '49.5' })).toEqual([
      4,
      '2024-01-10',
      '2024-01-13',
    ]);
    expect(await last({ as_of: '2024-01-13 12:00:00', open_session_hours: '10000' })).toEqual([
      4,
      '2024-01-10',
      '2024-01-13',
    ]);
  });

  test.each([
    ['start', 55],
    ['end', 56],
    ['spread', 56],
  ])('energy_by_time_of_day divides by days within the data, by %s', async (by, days) => {
    // Averages are rounded to three decimals, so the energy is large.
    await duckdb.run('update charging_sessions set energy_kwh = 10000');
    for (const params of [everything, { from: '2024-01-01', to: '2029-12-31' }, {}]) {
      const rows = await run('energy_by_time_of_day', { ...params, by });
      const total = rows.reduce((sum, row) => sum + Number(row['avg_energy_kwh']) * days, 0);
      expect(Math.abs(total - 30_000)).toBeLessThanOrEqual(24 * days * 0.0005);
    }
    // A period within the data counts whole; the two sessions of b start and run on its last day.
    const rows = await run('energy_by_time_of_day', { from: '2024-03-01', to: '2024-12-31', by: 'start' });
    expect(rows.reduce((sum, row) => sum + Number(row['avg_energy_kwh']) * 4, 0)).toBeCloseTo(20_000, 1);
  });

  test('monthly_statement lists months with sessions only', async () => {
    for (const by of ['start', 'end', 'spread'])
      expect(firstAndLast(await run('monthly_statement', { ...everything, by, tz: 'Europe/Paris' }), 'month')).toEqual([
        2,
        '2024-01-01',
        '2024-03-01',
      ]);
  });

  test('usage_trends begins and ends with the requests of all tokens', async () => {
    await duckdb.run(`insert into requests (minute, token, endpoint, status, requests, milliseconds) values
      (timestamp '2025-11-01 23:59:00', 'x', '/', 200, 2, 1), (timestamp '2025-12-01 00:00:00', 'y', '/', 200, 1, 1), (timestamp '2025-12-09 00:00:00', 'y', '/', 429, 1, 1)`);
    await duckdb.run(`insert into tokens (name, hash, scopes, created_at) values ('y', 'h', 'read', now()::timestamp)`);
    for (const params of [everything, { ...everything, token_name: 'y' }])
      expect(firstAndLast(await run('usage_trends', params), 'date')).toEqual([31, '2025-11-01', '2025-12-01']);
  });
});

test('without data, no period has days', async () => {
  await store();
  expect(await run('energy_trends', everything)).toEqual([]);
  expect(await run('peak_load', { ...everything, granularity: 'day' })).toEqual([]);
});

describe('10,000 days, weeks or months', () => {
  test.each(['start', 'end', 'spread'])('are the maximum, by %s', async (by) => {
    // 2024-05-19 is 10,000 days after 1997-01-01, which makes 10,001 dates.
    await store(
      ['a', '1997-01-01 08:00:00', '1997-01-01 09:00:00'],
      ['a', '2024-05-19 08:00:00', '2024-05-19 09:00:00'],
    );
    expect(await run('energy_trends', { by, to: '2024-05-19', from: '1997-01-02' })).toHaveLength(10_000);
    await expect(run('energy_trends', { by })).rejects.toMatchObject({
      kind: 'usage',
      message: 'more than 10,000 days, weeks or months in the period',
      hint: 'Choose a shorter period, or another --granularity.',
    });
    await expect(run('utilisation_by_hour', { from: '0001-01-01' })).rejects.toMatchObject({
      code: 'too_many_buckets',
      hint: 'Choose a shorter period.',
    });
    await expect(run('peak_load', { granularity: 'day' })).rejects.toMatchObject({ code: 'too_many_buckets' });
    for (const granularity of ['week', 'month'])
      expect((await run('energy_trends', { by, granularity })).length).toBeLessThanOrEqual(10_000);
    expect(await run('peak_load', { granularity: 'month' })).toHaveLength(329);
    expect(await run('peak_load', { granularity: 'all' })).toHaveLength(1);
    expect(await run('monthly_statement', { by, tz: 'Europe/Paris' })).toHaveLength(2);
  });
});

test('every day between the first and the last data within the period is there, and no other', async () => {
  const day = fc.integer({ min: 0, max: 400 });
  const date = (n: number): string => new Date(Date.UTC(2023, 10, 1) + n * 86_400_000).toISOString().slice(0, 10);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('a', 'b'), day), { minLength: 1, maxLength: 4 }),
      fc.tuple(day, day),
      fc.option(fc.constantFrom('a', 'b')),
      async (sessions, bounds, station) => {
        await store(
          ...sessions.map(([name, at]): [string, string, string] => [
            name,
            `${date(at)} 10:00:00`,
            `${date(at)} 11:00:00`,
          ]),
        );
        const [from, to] = [Math.min(...bounds), Math.max(...bounds)];
        const days = sessions.map(([, at]) => at);
        const [first, last] = [Math.max(from, Math.min(...days)), Math.min(to, Math.max(...days))];
        const rows = await run('energy_trends', {
          from: date(from),
          to: date(to),
          ...(station === null ? {} : { charge_point_id: station }),
        });
        expect(rows).toEqual(
          Array.from({ length: Math.max(last - first + 1, 0) }, (_, at) => {
            const count = sessions.filter(([name, on]) => on === first + at && (station ?? name) === name).length;
            return { period: date(first + at), energy_kwh: count, session_count: count };
          }),
        );
      },
    ),
    { numRuns: runs(60), seed: 20260106 },
  );
});
