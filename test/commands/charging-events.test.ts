import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduckInUtc as wattduck } from '../support/cli.ts';

const data = 'test/reports/data/lobby';
const db = join(scratch(), 'lobby.duckdb');
const december = ['--from', '2025-12-01', '--to', '2025-12-31'];
const events = (...args: string[]): string[] => ['report', 'charging-events', ...args, '--db', db];

beforeAll(async () => {
  const { status, stderr } = await wattduck([
    'ingest',
    ...readdirSync(data).map((file) => join(data, file)),
    '--db',
    db,
  ]);
  expect(status, stderr).toBe(0);
});

describe('options', () => {
  // Portal Süd has ev06 for 1.20, ev01 for 3.50, ev08 for 12 and the failed ev05.
  const transactions = async (...args: string[]): Promise<unknown[]> => {
    const { status, stdout, stderr } = await wattduck(
      events(...args, ...december, '--format', 'csv', '--columns', 'transaction_id,cost'),
    );
    return [status, stdout, stderr];
  };

  test.each([
    ['short names', ['lobby', '--search', 'portal süd', '--sort', 'cost', '--sort-order', 'asc', '--take', '3']],
    [
      'long names',
      [
        '--site-id',
        'lobby',
        '--search-text',
        'portal süd',
        '--sort-field',
        'cost',
        '--sort-order',
        'asc',
        '--take',
        '3',
      ],
    ],
    ['a value after =', ['lobby', '--search=PORTAL SÜD', '--sort=cost', '--sort-order=asc', '--take=3']],
  ])('by %s', async (_, args) => {
    expect(await transactions(...args)).toEqual([
      0,
      'transaction_id,cost\n815,1.2\n4711,3.5\n4713,12\n',
      'Showing 3 of 4 rows (use --take and --skip for more)\n',
    ]);
  });

  test('the next page', async () => {
    // The failed session cost nothing, and comes last.
    const next = await transactions(
      'lobby',
      '--search',
      'portal süd',
      '--sort',
      'cost',
      '--sort-order',
      'asc',
      '--take',
      '3',
      '--skip',
      '3',
    );
    // 2^52 + 0xd629dbe5f5259, from the MD5 of its session ID.
    expect(next).toEqual([0, 'transaction_id,cost\n8271203967914585,\n', '']);
  });

  test('help names both', async () => {
    const { stdout } = await wattduck(['report', 'charging-events', '--help']);
    expect(stdout).toMatch(/--search-text, --search <text>/);
    expect(stdout).toMatch(/--sort-field, --sort <text>/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('(max 100 characters; for example lobby)');
    expect(stdout).not.toContain('session_id');
  });
});

describe('mistakes', () => {
  test.each([
    [1, ['loby', ...december], 'error: site "loby" not found. IDs and names are case-sensitive.'],
    [2, [...december], 'error: --site-id is required. Site IDs: annex, lobby, quiet.'],
    [2, ['lobby', '--to', '2025-12-31'], 'error: --from is required. Set both --from and --to, or --period.'],
    [2, ['lobby', '--from', '2025-12-01'], 'error: --to is required. Set both --from and --to, or --period.'],
    [
      2,
      ['lobby', '--from', '2025-12-31', '--to', '2025-12-01'],
      'error: --from 2025-12-31 is after --to 2025-12-01. Swap them.',
    ],
    [
      2,
      ['lobby', ...december, '--search', 'x'.repeat(101)],
      'error: --search-text has 101 characters, the maximum is 100',
    ],
    [2, ['lobby', ...december, '--take', '1001'], 'error: invalid value "1001" for --take: must be between 1 and 1000'],
    [2, ['lobby', ...december, '--skip', '-1'], 'error: invalid value "-1" for --skip: must be 0 or more'],
    [2, ['lobby', ...december, '--sort', 'costs'], 'error: invalid value "costs" for --sort-field. Did you mean cost?'],
    [2, ['lobby', ...december, '--sort', '-cost'], 'error: invalid value "-cost" for --sort-field. Did you mean cost?'],
    [
      2,
      ['lobby', ...december, '--sort-order', 'up'],
      'error: invalid value "up" for --sort-order. Accepted: asc, desc.',
    ],
    [2, ['lobby', ...december, '--serch', 'x'], "error: unknown option '--serch' (Did you mean --search?)"],
    [
      2,
      ['lobby', ...december, '--columns', 'session_id'],
      'error: --columns: column "session_id" not found. Known: transaction_id, occurrence_time, start_time, stop_time, duration, transaction_data, site_id, site_name, charger_id, charger_name, charger_current_type, connector_id, connector_name, energy_consumed, meter_start, meter_stop, invalid_meter_reading, start_soc, stop_soc, rfid, rfid_name, rfid_additional_information, cost, optimized_cost, cost_savings, dto_optimized, currency.',
    ],
  ])('exit %i: %j', async (expected, args, line) => {
    const { status, stdout, stderr } = await wattduck(events(...args));
    expect([status, stdout, stderr]).toEqual([expected, '', `${line}\n`]);
  });
});

describe('raw data of a transaction', () => {
  const first = [
    'lobby',
    '--from',
    '2025-12-01',
    '--to',
    '2025-12-08',
    '--sort',
    'occurrence_time',
    '--sort-order',
    'asc',
    '--columns',
    'charger_id,transaction_data',
  ];

  test('is JSON text in CSV', async () => {
    const { stdout } = await wattduck(events(...first, '--format', 'csv'));
    expect(stdout).toBe(
      [
        'charger_id,transaction_data',
        String.raw`C1,"{""meter"":{""serial"":""12345678901234567890"",""phases"":[1,2,3]},""note"":""said \""go 98765432109876543210\"" – grüß Gott"",""ratio"":0.25,""ok"":true,""none"":null,""last"":9007199254740991}"`,
        'C2,',
        'C1,"[1,""two"",{""three"":3}]"',
        '',
      ].join('\n'),
    );
  });

  test('is the object it was in NDJSON', async () => {
    const { stdout } = await wattduck(events(...first, '--format', 'ndjson'));
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      {
        charger_id: 'C1',
        transaction_data: {
          meter: { serial: '12345678901234567890', phases: [1, 2, 3] },
          note: 'said "go 98765432109876543210" – grüß Gott',
          ratio: 0.25,
          ok: true,
          none: null,
          last: 9_007_199_254_740_991,
        },
      },
      { charger_id: 'C2', transaction_data: null },
      { charger_id: 'C1', transaction_data: [1, 'two', { three: 3 }] },
    ]);
  });
});

test('a table of 80 columns shows the most important columns', async () => {
  const { stdout, stderr } = await wattduck(events('lobby', '--from', '2025-12-01', '--to', '2025-12-10'), {
    terminal: 80,
    env: { NO_COLOR: '1' },
  });
  expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
    '                                   energy',
    '                     charger     consumed   cost             duration',
    'start time           name           (kWh)  (EUR)  rfid name       (s)',
    '───────────────────  ──────────  ────────  ─────  ─────────  ────────',
    '2025-12-10 10:00:00  C9              10.0   3.50  –             3,600',
    '2025-12-08 10:00:00  Portal Süd         –      –  –                 0',
    '2025-12-05 10:00:00  C2              10.0   3.50  –             1,800',
    '2025-12-01 00:00:00  Portal Süd      10.0   3.50  Zoë Ärmel     3,600',
    '',
  ]);
  expect(stderr).toMatch(/^\d+ columns hidden: transaction_id, occurrence_time, /);
});

test('IDs have no thousands separators', async () => {
  const { stdout } = await wattduck(
    events('lobby', '--from', '2025-12-01', '--to', '2025-12-10', '--columns', 'transaction_id,duration'),
  );
  // 2^52 + 0xd629dbe5f5259 for ev05, + 0x18ac308018a01 for ev02.
  expect(stdout.trimEnd().split('\n').slice(-4)).toEqual([
    ' 123456789012345         3,600',
    '8271203967914585             0',
    '4937644861655553         1,800',
    '            4711         3,600',
  ]);
});
