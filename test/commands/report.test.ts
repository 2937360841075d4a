import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';

const folder = scratch();
const db = join(folder, 'report.duckdb');
const report = (...args: string[]): string[] => ['report', ...args, '--db', db];

beforeAll(async () => {
  await importFiles(['test/reports/data/dozen/dozen.csv'], db);
});

describe('a table', () => {
  const args = report('user-usage', '--currency', 'EUR', '--limit', '2');

  test('on a terminal fits the width, wraps its heads and names hidden columns', async () => {
    const { stdout, stderr } = await wattduck(args, { terminal: 60, env: { NO_COLOR: '1' } });
    expect(stdout).toBe(
      [
        '                total energy        total   avg energy',
        'user     total      consumed       amount  per session',
        'id    sessions         (kWh)  spent (EUR)        (kWh)',
        '────  ────────  ────────────  ───────────  ───────────',
        'ann          4          51.0        24.25         12.8',
        'bob          4          37.0        11.50          9.3',
        '',
      ].join('\n'),
    );
    expect(stderr.split('\n')).toEqual([
      '7 columns hidden: avg_amount_per_session, first_session, latest_session, unique_stations_used, total_minutes, avg_minutes_per_session, favourite_station (use --wide or --columns)',
      'Showing 2 of 4 rows (use --limit for more)',
      '',
    ]);
  });

  test('in a pipe is complete and plain', async () => {
    const { stdout, stderr } = await wattduck(args, { env: { TERM: 'xterm-256color' } });
    expect(stdout.split('\n')).toEqual([
      'user id  total sessions  total energy consumed (kWh)  total amount spent (EUR)  avg energy per session (kWh)  avg amount per session (EUR)  first session        latest session       unique stations used  total minutes  avg minutes per session  favourite station  currency',
      '───────  ──────────────  ───────────────────────────  ────────────────────────  ────────────────────────────  ────────────────────────────  ───────────────────  ───────────────────  ────────────────────  ─────────────  ───────────────────────  ─────────────────  ────────',
      'ann                   4                         51.0                     24.25                          12.8                          6.06  2024-01-10 07:40:00  2024-01-31 23:59:59                     2            160                       40  A                  EUR',
      'bob                   4                         37.0                     11.50                           9.3                          3.83  2024-01-11 23:30:00  2024-02-01 00:00:00                     3            210                       53  A                  EUR',
      '',
    ]);
    expect(stderr).toBe('Showing 2 of 4 rows (use --limit for more)\n');
  });

  test('is coloured on a terminal only, and not with NO_COLOR', async () => {
    const escape = '\u001b[';
    const narrow = report('user-usage', '--user-id', 'ann', '--columns', 'user_id,total_sessions');
    expect((await wattduck(narrow, { terminal: 80 })).stdout).toContain(`${escape}1muser`);
    expect((await wattduck(narrow, { terminal: 80, env: { NO_COLOR: '1' } })).stdout).not.toContain(escape);
    expect((await wattduck(narrow, { terminal: 80, env: { TERM: 'dumb' } })).stdout).not.toContain(escape);
    expect((await wattduck(narrow)).stdout).not.toContain(escape);
  });

  test('of one row too wide for the terminal is printed vertically', async () => {
    const { stdout } = await wattduck(report('user-usage', '--user-id', 'cat'), {
      terminal: 50,
      env: { NO_COLOR: '1' },
    });
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'user id                       cat',
      'total sessions                2',
      'total energy consumed (kWh)   12.0',
    ]);
  });

  test('without rows says so', async () => {
    const { status, stderr } = await wattduck(report('get-sessions', '--user-id', 'zoe'));
    expect([status, stderr]).toEqual([
      0,
      'no rows: user "zoe" not found (--user-id). IDs and names are case-sensitive.\n',
    ]);
  });
});

describe('other formats', () => {
  const two = ['get-sessions', '--station-id', 'C', '--limit', '2', '--columns', 'session_id,amount_paid,end_time'];

  test('csv', async () => {
    const { stdout } = await wattduck(report(...two, '--format', 'csv'));
    expect(stdout).toBe('session_id,amount_paid,end_time\ns07,6,2024-03-31 02:30:00\ns09,,2024-01-14 09:30:00\n');
  });

  test('ndjson', async () => {
    const { stdout } = await wattduck(report(...two, '--format', 'ndjson'));
    expect(stdout).toBe(
      '{"session_id":"s07","amount_paid":6,"end_time":"2024-03-31 02:30:00"}\n{"session_id":"s09","amount_paid":null,"end_time":"2024-01-14 09:30:00"}\n',
    );
  });

  test('markdown', async () => {
    const { stdout } = await wattduck(report(...two, '--format', 'markdown'));
    expect(stdout).toBe(
      '| session id | amount paid (EUR) | end time |\n| --- | ---: | --- |\n| s07 | 6.00 | 2024-03-31 02:30:00 |\n| s09 | – | 2024-01-14 09:30:00 |\n',
    );
  });

  test('json is the document of the HTTP API', async () => {
    const { stdout } = await wattduck(report('get-sessions', '--station-id', 'C', '--limit', '1', '--json'));
    const document = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(document)).toEqual(['meta', 'data', 'rows', 'rows_before_limit_at_least', 'statistics']);
    expect(document).toMatchObject({
      rows: 1,
      rows_before_limit_at_least: 3,
      data: [{ session_id: 's07' }],
      statistics: { rows_read: 12 },
    });
  });

  test('json of an analytics report repeats its period', async () => {
    const { stdout } = await wattduck(
      report('energy-by-time-of-day', '--from', '2024-01-15', '--to', '2024-01-15', '--json'),
    );
    const document = JSON.parse(stdout) as { from: string; to: string; data: unknown[] };
    expect(Object.keys(document)).toEqual(['from', 'to', 'data', 'tz']);
    expect([document.from, document.to, document.data[9]]).toEqual([
      '2024-01-15',
      '2024-01-15',
      { hour: 9, avg_energy_kwh: 22 },
    ]);
  });

  test('-o writes a file in the format of its extension', async () => {
    const path = join(folder, 'out.csv');
    const { stdout } = await wattduck(report(...two, '-o', path));
    expect(stdout).toBe('');
    expect(readFileSync(path, 'utf8')).toMatch(/^session_id,amount_paid,end_time\n/);
  });

  test('-o into a missing folder is one clear line', async () => {
    const { status, stderr } = await wattduck(report(...two, '-o', join(folder, 'none', 'out.csv')));
    expect([status, stderr]).toEqual([
      1,
      `error: ${join(folder, 'none', 'out.csv')}: file or folder not found. Check the path.\n`,
    ]);
  });
});

describe('mistakes', () => {
  test.each([
    [
      ['report', 'user-usag'],
      'error: report "user-usag" not found. Did you mean user-usage, inactive-users or heartbeat-status?',
    ],
    [report('user-usage', '--usr-id', 'x'), "error: unknown option '--usr-id' (Did you mean --user-id?)"],
    [report('user-usage', '--columns', 'user'), 'error: --columns: column "user" not found. Did you mean user_id?'],
    [
      report('user-usage', '--sort', '-total_enrgy_consumed'),
      'error: invalid value "-total_enrgy_consumed" for --sort. Did you mean total_energy_consumed?',
    ],
    [report('user-usage', '--format', 'jsn'), 'error: invalid value "jsn" for --format. Did you mean json?'],
    [report('user-usage', '--limit', '0'), 'error: invalid value "0" for --limit: must be between 1 and 1000000'],
    [
      report('user-usage', '--columns', 'user_id', '--json'),
      'error: --columns cannot be combined with JSON output. Use --format ndjson or csv.',
    ],
    [['repot'], "error: unknown command 'repot' (Did you mean report?)"],
    [['ingest'], "error: missing required argument 'files'"],
  ])('%j', async (args, line) => {
    const { status, stdout, stderr } = await wattduck(args);
    expect([status, stdout, stderr]).toEqual([2, '', `${line}\n`]);
  });

  test('a base currency that does not exist is an error', async () => {
    expect(await wattduck([...report('station-analytics'), '--base-currency', 'EUX'])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'error: invalid value "EUX" for --base-currency: expected an ISO 4217 currency code. For example: EUR.\n',
    });
  });
});

test('amounts in another currency are left out without a rate, and a note counts them', async () => {
  const { status, stderr } = await wattduck(report('station-analytics'));
  expect([status, stderr]).toEqual([
    0,
    "1 amount in GBP (1 day) is left out: no exchange rate. Import rates with 'wattduck ingest eurofxref-hist.csv'.\n",
  ]);
  const inPounds = await wattduck([
    ...report('station-analytics'),
    '--base-currency',
    'gbp',
    '--columns',
    'currency',
    '--limit',
    '1',
  ]);
  expect(inPounds.stdout).toContain('GBP');
  const { stderr: fromVariable } = await wattduck(report('station-analytics'), { env: { WATTDUCK_CURRENCY: 'GBP' } });
  expect(fromVariable).toMatch(/^9 amounts in EUR \(7 days\)/);
});

test('common options work before or after the name', async () => {
  const columns = ['--columns', 'user_id', '--format', 'csv'];
  expect((await wattduck(['report', '--db', db, 'user-usage', '--user-id', 'dan', ...columns])).stdout).toBe(
    'user_id\ndan\n',
  );
  expect((await wattduck(['report', ...columns, 'user-usage', '--user-id', 'dan', '--db', db])).stdout).toBe(
    'user_id\ndan\n',
  );
});

describe('help', () => {
  test("a report's help comes from its SQL file", async () => {
    const { status, stdout } = await wattduck(['report', 'user-usage', '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('--from <time>           Start of the period (also --start-date; for example');
    expect(stdout).toContain('--limit <n>             Maximum number of rows (default 100; 1 to 1000000)');
    expect(stdout).toContain(
      '\nDetails:\n  - All sessions count, including failed and active ones. They are assigned to\n    the period',
    );
    expect(stdout).toContain('total_energy_consumed (kWh): Energy delivered');
    expect(stdout).toContain('wattduck report user-usage --user-id user_0042 --from 2025-01-01');
  });
});
