import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { earlierBounds } from '../../../src/reports/compare.ts';
import { scratch, wattduck } from '../../support/cli.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

const folder = scratch();
const sessions = join(folder, 'sessions.ndjson');
const session = (station_id: string, start_time: string, energy_kwh: number, amount_paid = energy_kwh): object => ({
  session_id: `${station_id} ${start_time}`,
  station_id,
  start_time,
  end_time: new Date(Date.parse(start_time) + 600_000).toISOString(),
  energy_kwh,
  amount_paid,
  currency: 'EUR',
});
writeFileSync(
  sessions,
  [
    // January: A 10, B 4; February: A 15, C 7.
    session('A', '2025-01-01T10:00:00Z', 4),
    session('A', '2025-01-30T10:00:00Z', 6),
    session('B', '2025-01-02T10:00:00Z', 4),
    session('A', '2025-02-01T10:00:00Z', 12),
    session('A', '2025-02-10T10:00:00Z', 3),
    session('C', '2025-02-02T10:00:00Z', 7),
    // 364 days before 2 February 2025, both a Sunday.
    session('A', '2024-02-04T10:00:00Z', 2),
  ]
    .map((row) => JSON.stringify(row))
    .join('\n'),
);
const userSql = join(folder, 'sql', 'reports', 'mine');
mkdirSync(userSql, { recursive: true });
writeFileSync(
  join(userSql, 'mine.sql'),
  `/*---
title: Mine
description: Energy per station, since it is mine.
params:
  first: { description: "Start, not '$last'", role: period_start }
  last: { description: End, role: period_end }
columns:
  station_id: { description: Station }
  kwh: { description: Energy, unit: kWh, nullable: true }
  note: { description: Note }
key: [station_id]
total: [kwh]
sort: { default: station_id, allow: [station_id, kwh] }
page: { kind: limit, default: 100, max: 1000 }
answer: { shape: tinybird }
---*/
select station_id, sum(energy_kwh) as kwh, '$first' as note
from charging_sessions
where ($first::timestamp is null or start_time >= $first::timestamp) and ($last::timestamp is null or start_time <= $last::timestamp)
group by station_id
`,
);
const { app, copy } = await startInProcessServer({
  files: [sessions],
  now: () => new Date('2025-02-10T12:00:00Z'),
  sqlDirs: [join(folder, 'sql')],
});
const get = async (url: string) => {
  const { statusCode: status, headers, body } = await app.inject({ method: 'GET', url });
  return { status, note: headers['wattduck-note'], etag: headers['etag'], text: body };
};
const json = async (url: string) => {
  const { status, text } = await get(url);
  expect(status, text).toBe(200);
  return JSON.parse(text);
};
const run = async (...args: string[]) =>
  wattduck(['report', ...args, '--db', copy, '--sql-dir', join(folder, 'sql')], {
    now: new Date('2025-02-10T12:00:00Z'),
  });

const names = [
  'charge_point_id',
  'energy_kwh',
  'energy_kwh_before',
  'energy_kwh_change',
  'session_count',
  'session_count_before',
  'session_count_change',
];
const pick = (row: Record<string, unknown>): unknown[] => names.map((name) => row[name]);

describe('compare=previous', () => {
  test('of a month is the calendar month before it, with keys of both', async () => {
    const data = await json('/api/v1/analytics/energy/by-charge-point?period=2025-02&compare=previous');
    // On 10 February, 12:00, the month is not over: January counts to 10 January, 12:00, with A 4 and B 4.
    expect(data.data.map(pick)).toEqual([
      ['A', 15, 4, 2.75, 2, 1, 1],
      ['C', 7, 0, null, 1, 0, null],
      ['B', 0, 4, -1, 0, 1, -1],
    ]);
    expect(data).toMatchObject({ total_energy_kwh: 22, total_sessions: 3 });
    // From the start of the month to the end of 9 February: nine days, so 23 to 31 January.
    const nine = await json('/api/v1/analytics/energy/by-charge-point?from=2025-02-01&to=2025-02-09&compare=previous');
    expect(nine.data.map(pick)).toEqual([
      ['A', 12, 6, 1, 1, 1, 0],
      ['C', 7, 0, null, 1, 0, null],
    ]);
    const january = await json('/api/v1/analytics/energy/by-charge-point?period=2025-01&compare=previous');
    expect(january.data.map(pick)).toEqual([
      ['A', 10, 0, null, 2, 0, null],
      ['B', 4, 0, null, 1, 0, null],
    ]);
  });

  test('says with which dates', async () => {
    const note = async (query: string): Promise<unknown> =>
      (await get(`/v0/pipes/energy_by_project.json?${query}`)).note;
    expect(await note('period=2025-01&compare=previous')).toBe(
      'Period: 2025-01-01 to 2025-01-31 (UTC); Compared with 2024-12-01 to 2024-12-31 (previous)',
    );
    expect(await note('period=2025-02&compare=previous')).toBe(
      'Period: 2025-02-01 to 2025-02-28 (UTC); Compared with 2025-01-01 00:00 to 2025-01-10 12:00 (previous)',
    );
    expect(await note('period=2024-Q1&compare=year-ago')).toBe(
      'Period: 2024-01-01 to 2024-03-31 (UTC); Compared with 2023-01-02 to 2023-04-02 (year-ago)',
    );
  });

  test('is the same on the command line, in every format, in the order of the table', async () => {
    const args = [
      'energy-by-charge-point',
      '--period',
      '2025-01',
      '--compare',
      'year-ago',
      '--sort',
      '-energy_kwh_change',
    ];
    const { stdout, stderr } = await run(...args, '--json');
    const http = await get(
      '/api/v1/analytics/energy/by-charge-point?period=2025-01&compare=year-ago&sort=-energy_kwh_change',
    );
    expect(stdout).toBe(http.text);
    expect(stderr).toContain('Compared with 2024-01-03 to 2024-02-02 (year-ago)\n');
    const csv = await run(...args, '--format', 'csv');
    expect(csv.stdout).toContain('energy_kwh,energy_kwh_before,energy_kwh_change,');
    for (const format of ['csv', 'ndjson', 'parquet', 'prometheus'])
      expect((await get(`/v0/pipes/energy_by_charge_point.${format}?period=2025-01&compare=previous`)).status).toBe(
        200,
      );
    const { meta } = await json('/v0/pipes/energy_by_charge_point.json?period=2025-01&compare=previous');
    expect(meta.slice(2, 5)).toEqual([
      { name: 'energy_kwh', type: 'Float64' },
      { name: 'energy_kwh_before', type: 'Float64' },
      { name: 'energy_kwh_change', type: 'Nullable(Float64)' },
    ]);
  });

  test('sorts by the new columns and pages by rows of both periods', async () => {
    const page = async (query: string): Promise<unknown[]> =>
      (await json(`/api/v1/analytics/energy/by-charge-point?period=2025-02&compare=previous&${query}`)).data
        .map(pick)
        .map(([name]: unknown[]) => name);
    expect(await page('sort=energy_kwh_change')).toEqual(['B', 'A', 'C']);
    expect(await page('sort=-energy_kwh_before&limit=2')).toEqual(['A', 'B']);
    const { status, text } = await get('/api/v1/analytics/energy/by-charge-point?sort=energy_kwh_change');
    expect([status, text]).toEqual([400, expect.stringContaining('invalid value')]);
  });

  test('matches dates by their position from the start', async () => {
    const { data } = await json('/api/v1/analytics/energy/trends?from=2025-02-01&to=2025-02-02&compare=year-ago');
    // 1 and 2 February 2025 are compared with 3 and 4 February 2024; the data begins on the 4th.
    expect(data).toEqual([
      {
        period: '2025-02-01',
        period_before: null,
        energy_kwh: 12,
        energy_kwh_before: 0,
        energy_kwh_change: null,
        session_count: 1,
        session_count_before: 0,
        session_count_change: null,
      },
      {
        period: '2025-02-02',
        period_before: '2024-02-04',
        energy_kwh: 7,
        energy_kwh_before: 2,
        energy_kwh_change: 2.5,
        session_count: 1,
        session_count_before: 1,
        session_count_change: 0,
      },
    ]);
    // By 10 March, February is over: days 29 to 31 of January have no counterpart in it.
    const march = await wattduck(
      ['report', 'energy-trends', '--period', '2025-02', '--compare', 'previous', '--db', copy, '--json'],
      { now: new Date('2025-03-10T00:00:00Z') },
    );
    const rows = JSON.parse(march.stdout).data as Record<string, unknown>[];
    expect(rows.find(({ period_before }) => period_before === '2025-01-30')).toMatchObject({
      period: null,
      energy_kwh: 0,
      energy_kwh_before: 6,
    });
    expect(rows.reduce((sum, { energy_kwh_before }) => sum + Number(energy_kwh_before), 0)).toBe(14);
    const weeks = await json(
      '/api/v1/analytics/energy/trends?from=2025-01-27&to=2025-02-02&granularity=week&compare=previous',
    );
    expect(weeks.data).toMatchObject([
      { period: '2025-01-27', period_before: '2025-01-20', energy_kwh: 25, energy_kwh_before: 0 },
    ]);
  });

  test('compares an answer of one object', async () => {
    expect(await json('/api/v1/analytics/revenue/summary?period=2025-01&compare=previous')).toMatchObject({
      total_revenue: 14,
      session_count: 3,
      session_count_before: 0,
    });
    expect(
      await json('/api/v1/analytics/revenue/summary?from=2025-02-01&to=2025-02-09&compare=previous'),
    ).toMatchObject({
      total_revenue: 19,
      total_revenue_before: 6,
      total_revenue_change: 2.166667,
    });
  });

  test('works in the reports of users', async () => {
    const { data, total } = await json('/v0/pipes/mine.json?from=2025-02-01&to=2025-02-09&compare=previous&total=true');
    expect(data).toEqual([
      { station_id: 'A', kwh: 12, kwh_before: 6, kwh_change: 1, note: '$first' },
      { station_id: 'C', kwh: 7, kwh_before: null, kwh_change: null, note: '$first' },
    ]);
    expect(total).toEqual({ kwh: 19, kwh_before: 6, kwh_change: 2.166667 });
    expect(
      (
        await run(
          'mine',
          '--first',
          '2025-02-01',
          '--end-date',
          '2025-02-09',
          '--compare',
          'previous',
          '--format',
          'csv',
        )
      ).stdout,
    ).toBe('station_id,kwh,kwh_before,kwh_change,note\nA,12,6,1,$first\nC,7,,,$first\n');
  });

  test.each([
    ['energy_by_project', 'compare=previous', 'compare needs a period to compare. Add period or from.'],
    ['user_usage', 'compare=previous&to=2025-01-01', 'compare needs a period to compare. Add period or from.'],
    ['energy_by_project', 'compare=before&period=2025', 'for compare. Accepted: previous, year-ago.'],
    [
      'energy_by_project',
      'compare=previous&from=2026-01-01',
      'from 2026-01-01 is in the future, so the period has nothing to compare.',
    ],
    ['get_sessions', 'compare=previous&period=2025', 'unknown parameter compare'],
    ['energy_by_project', 'sort=energy_kwh_chang&compare=previous&period=2025', 'Did you mean energy_kwh_change?'],
  ])('%s with %s is an error', async (name, query, message) => {
    const { status, text } = await get(`/v0/pipes/${name}.json?${query}`);
    expect([status, text]).toEqual([400, expect.stringContaining(message)]);
  });

  test('is not cached: the period may not be over', async () => {
    expect((await get('/v0/pipes/energy_by_project.json?period=2025-01')).etag).toBeDefined();
    expect((await get('/v0/pipes/energy_by_project.json?period=last-month')).etag).toBeUndefined();
    expect((await get('/v0/pipes/energy_by_project.json?period=2025-01&compare=previous')).etag).toBeUndefined();
  });
});

describe('the earlier period', () => {
  const micros = (text: string): bigint => BigInt(Date.parse(`${text}Z`)) * 1000n;
  const far = micros('2030-01-01T00:00:00');
  const iso = (value: bigint): string => new Date(Number(value / 1000n)).toISOString().slice(0, 16);
  test.each([
    // Calendar months, quarters and years; other periods by length.
    ['previous', '2025-02-01T00:00', '2025-03-01T00:00', '2025-01-01T00:00', '2025-02-01T00:00'],
    ['previous', '2024-03-01T00:00', '2024-04-01T00:00', '2024-02-01T00:00', '2024-03-01T00:00'],
    ['previous', '2025-01-01T00:00', '2025-04-01T00:00', '2024-10-01T00:00', '2025-01-01T00:00'],
    ['previous', '2025-01-01T00:00', '2026-01-01T00:00', '2024-01-01T00:00', '2025-01-01T00:00'],
    ['previous', '2025-02-02T00:00', '2025-03-02T00:00', '2025-01-05T00:00', '2025-02-02T00:00'],
    ['previous', '2025-02-10T06:00', '2025-02-10T12:00', '2025-02-10T00:00', '2025-02-10T06:00'],
    ['year-ago', '2025-02-01T00:00', '2025-03-01T00:00', '2024-02-03T00:00', '2024-03-02T00:00'],
  ])('%s of %s to %s', (kind, from, end, earlierFrom, earlierEnd) => {
    for (const step of [1n, 1_000_000n]) {
      const bounds = earlierBounds(
        kind,
        { from: micros(`${from}:00`), to: micros(`${end}:00`) - step, now: far },
        false,
      );
      expect([iso(bounds.from), iso(bounds.end)]).toEqual([
        earlierFrom,
        step === 1n || end.endsWith('00:00') ? earlierEnd : expect.any(String),
      ]);
    }
  });

  test('is cut like the period, but never longer than it is', () => {
    const month = { from: micros('2025-03-01T00:00:00'), to: micros('2025-04-01T00:00:00') - 1n };
    const at = (now: string): string => iso(earlierBounds('previous', { ...month, now: micros(now) }, true).end);
    expect(at('2025-03-10T12:00:00')).toBe('2025-02-10T12:00');
    expect(at('2025-03-31T12:00:00')).toBe('2025-03-01T00:00');
  });
});

describe('the total', () => {
  test('is an object over all rows, not of the page', async () => {
    const { data, total, truncated } = await json('/api/v1/analytics/energy/by-charge-point?limit=1&total=true');
    expect([data.length, total, truncated]).toEqual([1, { energy_kwh: 38, session_count: 7 }, true]);
    const usage = await json('/v0/pipes/user_usage.json?total=true');
    expect(usage.total).toEqual({
      total_sessions: 7,
      total_energy_consumed: 38,
      total_amount_spent: 38,
      total_minutes: 70,
    });
    expect((await json('/v0/pipes/user_usage.json')).total).toBeUndefined();
    expect((await json('/v0/pipes/energy_by_project.json?from=2030&total=true')).total).toEqual({
      energy_kwh: 0,
      session_count: 0,
    });
  });

  test('is the last line of a table, of CSV and of Markdown', async () => {
    const { stdout, stderr } = await run('energy-by-charge-point', '--limit', '1', '--total');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^Total +38\.0 +7$/);
    expect(stderr).toContain('Showing 1 of 3 rows');
    for (const [format, last] of [
      ['csv', 'Total,,38,7'],
      ['markdown', '| Total |  | 38.0 | 7 |'],
    ] as const)
      expect(
        (await run('energy-by-charge-point', '--total', '--format', format)).stdout.trimEnd().split('\n').at(-1),
      ).toBe(last);
    expect((await run('energy-by-charge-point', '--all', '--total', '--format', 'csv')).stdout).toContain(
      '\nTotal,,38,7\n',
    );
    expect((await get('/v0/pipes/energy_by_charge_point.csv?total=true')).text).toContain('\nTotal,,38,7\n');
    expect(JSON.parse((await run('energy-by-charge-point', '--total', '--all', '--json')).stdout).total).toEqual({
      energy_kwh: 38,
      session_count: 7,
    });
  });

  test('is refused where there are only rows', async () => {
    for (const format of ['ndjson', 'parquet', 'prometheus']) {
      const { status, text } = await get(`/v0/pipes/energy_by_charge_point.${format}?total=true`);
      expect([status, JSON.parse(text).error]).toEqual([
        400,
        `total cannot be combined with the format ${format}, which has rows alone. Use json, csv or a table.`,
      ]);
    }
    expect((await run('energy-by-charge-point', '--total', '--format', 'ndjson')).status).toBe(2);
    expect((await run('energy-by-time-of-day', '--total')).stderr).toContain("unknown option '--total'");
  });
});
