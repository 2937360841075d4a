import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck, type RunOptions } from '../../support/cli.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

// Energies are powers of two, so that every sum says which sessions are in it.
const folder = scratch();
const write = (name: string, rows: readonly object[]): string => {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  return path;
};
const session = (session_id: string, station_id: string, start_time: string, energy_kwh: number): object => ({
  session_id,
  station_id,
  start_time,
  end_time: new Date(Date.parse(start_time) + 600_000).toISOString(),
  energy_kwh,
  amount_paid: energy_kwh,
  currency: 'EUR',
});
const sessions = write('sessions.ndjson', [
  // 1 February in Berlin, 31 January in UTC.
  session('a', 'B1', '2025-01-31T23:30:00Z', 1),
  session('b', 'B1', '2025-02-10T10:00:00Z', 2),
  // 1 March in Berlin, 28 February in UTC.
  session('c', 'B2', '2025-02-28T23:30:00Z', 4),
  session('d', 'L1', '2025-01-15T10:00:00Z', 8),
  // 02:30 in Berlin, first and second pass.
  session('e', 'B1', '2024-10-27T00:30:00Z', 16),
  session('f', 'B1', '2024-10-27T01:30:00Z', 32),
]);
const site = (site_id: string, timezone: string): object => ({ site_id, site_name: site_id, timezone });
const points = write('charge_points.ndjson', [
  { charge_point_id: 'B1', site_id: 'berlin', vendor: 'V', model: 'M' },
  { charge_point_id: 'B2', site_id: 'berlin', vendor: 'V', model: 'M' },
  { charge_point_id: 'L1', site_id: 'lisbon', vendor: 'V', model: 'M' },
]);
const berlin = write('berlin.ndjson', [site('berlin', 'Europe/Berlin')]);
const both = write('both.ndjson', [site('berlin', 'Europe/Berlin'), site('lisbon', 'Europe/Lisbon')]);

const now = (): Date => new Date('2025-02-12T12:00:00Z');
const one = await startInProcessServer({ files: [sessions, points, berlin], tz: 'sites', now });
const two = await startInProcessServer({ files: [sessions, points, both], tz: 'sites', now });
const set = await startInProcessServer({ files: [sessions, points, berlin], tz: 'UTC', now });

type Server = typeof one;
const get = async ({ app }: Server, url: string) => {
  const { statusCode: status, headers, body } = await app.inject({ method: 'GET', url });
  return { status, note: headers['wattduck-note'], etag: headers['etag'], body: JSON.parse(body) };
};
const run = async ({ copy }: Server, args: string[], options: RunOptions = {}) =>
  wattduck(['report', ...args, '--db', copy], { now: now(), ...options });
const documentOf = async (server: Server, args: string[]): Promise<Record<string, unknown>> => {
  const { stdout, stderr, status } = await run(server, [...args, '--json']);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
};
/** Energy of all charge points. */
const energy = async (server: Server, query: string): Promise<unknown> =>
  (await get(server, `/api/v1/analytics/energy/by-charge-point?${query}`)).body.total_energy_kwh;

describe('the default time zone', () => {
  test('is the one that all sites share', async () => {
    const { body } = await get(one, '/api/v1/analytics/energy/trends?granularity=month&from=2025-01-01');
    expect(body).toEqual({
      from: '2025-01-01',
      to: null,
      granularity: 'month',
      tz: 'Europe/Berlin',
      data: [
        { period: '2025-01-01', energy_kwh: 8, session_count: 1 },
        { period: '2025-02-01', energy_kwh: 3, session_count: 2 },
        { period: '2025-03-01', energy_kwh: 4, session_count: 1 },
      ],
    });
    expect(await documentOf(one, ['energy-trends', '--granularity', 'month', '--from', '2025-01-01'])).toEqual(body);
  });

  test('is UTC if sites differ, and the setting if there is one', async () => {
    for (const [server, tz] of [
      [two, 'UTC'],
      [set, 'UTC'],
    ] as const) {
      const { body } = await get(server, '/api/v1/analytics/energy/trends?granularity=month&from=2025-01-01');
      expect(body.tz).toBe(tz);
      expect(body.data.map((row: { energy_kwh: number }) => row.energy_kwh)).toEqual([9, 6]);
    }
  });

  test('is that of the selected site or charge point', async () => {
    const tz = async (query: string): Promise<unknown> =>
      (await get(two, `/api/v1/analytics/energy/trends?${query}`)).body.tz;
    expect(await tz('project_id=berlin')).toBe('Europe/Berlin');
    expect(await tz('project_id=lisbon')).toBe('Europe/Lisbon');
    expect(await tz('charge_point_id=L1')).toBe('Europe/Lisbon');
    expect(await tz('charge_point_id=nobody')).toBe('UTC');
    expect(await tz("project_id='; drop table sites --")).toBe('UTC');
    expect(await tz('charge_point_id=L1&tz=Asia/Tokyo')).toBe('Asia/Tokyo');
  });

  test('is named under a table on a terminal, and in the header of a pipe', async () => {
    const args = ['energy-trends', '--granularity', 'month'];
    expect((await run(one, args, { terminal: 80 })).stderr).toBe('Times in Europe/Berlin (the zone of all sites).\n');
    expect((await run(two, args, { terminal: 80 })).stderr).toBe(
      'Times in UTC (sites have several zones; choose one with --tz).\n',
    );
    expect((await run(two, [...args, '--project-id', 'lisbon'], { terminal: 80 })).stderr).toBe(
      'Times in Europe/Lisbon (the zone of lisbon).\n',
    );
    expect((await run(one, args)).stderr).toBe('');
    expect((await run(one, [...args, '--tz', 'Asia/Tokyo'], { terminal: 80 })).stderr).toBe('');
    expect((await get(one, '/v0/pipes/energy_trends.json')).note).toBe(
      'Times in Europe/Berlin (the zone of all sites).',
    );
    expect((await get(two, '/v0/pipes/energy_trends.json')).note).toBeUndefined();
  });

  test('changes with the sites, and so do cached answers', async () => {
    const server = await startInProcessServer({ files: [sessions, berlin], tz: 'sites', now });
    const url = '/api/v1/analytics/energy/trends';
    const before = await get(server, url);
    expect((await get(server, url)).etag).toBe(before.etag);
    const { statusCode } = await server.app.inject({
      method: 'POST',
      url: '/v0/events?name=sites&wait=true',
      payload: JSON.stringify(site('lisbon', 'Europe/Lisbon')),
    });
    expect(statusCode).toBe(200);
    const after = await get(server, url);
    expect([before.body.tz, after.body.tz]).toEqual(['Europe/Berlin', 'UTC']);
    expect(after.etag).not.toBe(before.etag);
  });
});

describe('--from, --to, --start-date and --end-date', () => {
  test('are names of the bounds in every report', async () => {
    expect(await energy(one, 'from=2025-02-01&to=2025-02-28')).toBe(3);
    expect(await energy(one, 'start_date=2025-02-01&end_date=2025-02-28')).toBe(3);
    expect(await energy(one, 'from=2025-02&end_date=2025-02')).toBe(3);
    expect(await energy(one, 'from=2025-02-01&start_date=2025-02-01&to=2025-02-28')).toBe(3);
    const usage = (await get(one, '/v0/pipes/user_usage.json?from=2025-02-01&to=2025-02-28')).body;
    expect(usage.data[0].total_energy_consumed).toBe(3);
    for (const names of [
      ['--from', '--to'],
      ['--start-date', '--end-date'],
      ['--from', '--end-date'],
    ])
      for (const report of ['user-usage', 'energy-by-charge-point'])
        expect(
          (await run(one, [report, names[0]!, '2025-02-01', names[1]!, '2025-02-28', '--format', 'csv'])).stdout,
        ).toMatch(report === 'user-usage' ? /^,2,3,/m : /B1,.*3,2/);
  });

  test('with two values are an error that names both', async () => {
    expect((await run(one, ['user-usage', '--from', '2025-01', '--start-date', '2025-02'])).stderr).toContain(
      '--start-date 2025-02 and --from 2025-01 are the same bound with two values. Use one of them.',
    );
    const { status, body } = await get(one, '/v0/pipes/energy_by_project.json?from=2025-01-01&start_date=2025-01-02');
    expect([status, body.error]).toEqual([
      400,
      'from 2025-01-01 and start_date 2025-01-02 are the same bound with two values. Use one of them.',
    ]);
  });

  test('are named in messages as they were written', async () => {
    expect((await run(one, ['user-usage', '--from', '2025-02-02', '--to', '2025-02-01'])).stderr).toContain(
      '--from 2025-02-02 is after --to 2025-02-01. Swap them.',
    );
    expect((await get(one, '/v0/pipes/user_usage.json?end_date=x')).body.error).toContain(
      'invalid value "x" for end_date',
    );
  });

  test('leave client tags alone', async () => {
    for (const tag of ['ts-sdk', 'mockingbird', 'grafana']) {
      const { status, body } = await get(one, `/v0/pipes/user_usage.json?from=${tag}`);
      expect([status, body.data[0].total_energy_consumed]).toEqual([200, 63]);
    }
    expect((await get(one, '/v0/pipes/user_usage.json?from=2025-13-01')).status).toBe(400);
    expect((await get(one, '/v0/pipes/energy_trends.json?from=ts-sdk')).status).toBe(200);
    expect((await get(one, '/v0/pipes/energy_trends.json?from=grafana')).status).toBe(400);
  });

  test('in the repeated hour cover both passes', async () => {
    const bounds = (at: string): string => `from=${at}&to=${at}`;
    expect(await energy(one, bounds('2024-10-27 02:30'))).toBe(48);
    expect(await energy(one, bounds('2024-10-27T02:30:00%2B02:00'))).toBe(16);
    expect(await energy(one, bounds('2024-10-27T02:30:00%2B01:00'))).toBe(32);
  });
});

describe('a period', () => {
  test('stands for both bounds, in the time zone', async () => {
    const { body, note } = await get(one, '/api/v1/analytics/energy/by-charge-point?period=2025-02');
    expect(note).toBe('Period: 2025-02-01 to 2025-02-28 (Europe/Berlin)');
    expect(body.total_energy_kwh).toBe(3);
    expect((await get(one, '/api/v1/analytics/energy/trends?period=2025-02')).body).toMatchObject({
      from: '2025-02-01',
      to: '2025-02-28',
    });
    expect(await energy(one, 'period=this-month')).toBe(3);
    expect(await energy(one, 'period=last-month')).toBe(8);
    expect(await energy(one, 'period=2025-Q1')).toBe(15);
    expect(await energy(one, 'period=2025-Q1&tz=UTC')).toBe(15);
    expect(await energy(one, 'period=2025-02&tz=UTC')).toBe(6);
    expect(await energy(one, 'period=2024')).toBe(48);
    expect(await energy(one, 'period=2025-W07')).toBe(2);
    expect(await energy(one, 'period=last-2-days')).toBe(2);
    expect(await energy(one, 'period=yesterday')).toBe(0);
  });

  test('is printed on stderr with its days', async () => {
    const { stderr, stdout } = await run(one, ['energy-by-charge-point', '--period', 'last-month', '--format', 'csv']);
    expect(stderr).toBe('Period: 2025-01-01 to 2025-01-31 (Europe/Berlin)\n');
    expect(stdout).toMatch(/^L1,.*8,1/m);
    expect((await run(one, ['user-usage', '--period', 'today'])).stderr).toContain(
      'Period: 2025-02-12 (Europe/Berlin)\n',
    );
  });

  test('is relative to --as-of, on the local day of it', async () => {
    const load = async (asOf: string): Promise<string> =>
      (await run(one, ['peak-load', '--period', 'this-month', '--as-of', asOf])).stderr;
    expect(await load('2025-01-31T23:30:00Z')).toContain('Period: 2025-02-01 to 2025-02-28');
    expect(await load('2025-01-31T22:30:00Z')).toContain('Period: 2025-01-01 to 2025-01-31');
  });

  test.each([
    [
      'period=last-mnth',
      'invalid value "last-mnth" for period: expected a period. Did you mean last-month? Accepted: today,',
    ],
    ['period=', 'invalid value "" for period: expected a period. Accepted: today,'],
    ['period=2025&from=2025-01-01', 'period cannot be combined with from. Use period, or a start and an end.'],
    ['period=2025&end_date=2025-01-01', 'period cannot be combined with end_date. Use period, or a start and an end.'],
    ['period=2025&tz=Mars', 'invalid value "Mars" for tz: expected an IANA time zone.'],
  ])('%s is an error', async (query, message) => {
    const { status, body } = await get(one, `/v0/pipes/energy_trends.json?${query}`);
    expect([status, body.error]).toEqual([400, expect.stringContaining(message)]);
  });
});
