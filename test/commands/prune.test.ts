import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scratch, wattduck, type CliResult, type RunOptions } from '../support/cli.ts';

const folder = scratch();
const [db, imported, file] = ['x.duckdb', 'imported.duckdb', 'events.csv'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];

const day = (at: number): string => new Date(Date.UTC(2025, 0, 1 + at)).toISOString().slice(0, 10);
/** Noon of 100 days from 2025-01-01 on: a heartbeat, a meter value and, every ten days, a status. */
const lines = Array.from({ length: 100 }, (_, at) => [
  `CP,heartbeat,${day(at)} 12:00:00,,,`,
  `CP,Meter,${day(at)} 12:00:00,1,${at},`,
  ...(at % 10 === 0 ? [`CP,status,${day(at)} 12:00:00,1,,Available`] : []),
]).flat();
writeFileSync(
  file,
  ['station_id,event_type,event_time,connector_id,energy_kwh,status', ...lines, 'CP,reset,2025-01-05 12:00:00,,,'].join(
    '\n',
  ),
);
await wattduck(['ingest', file, '--db', imported]);

beforeEach(() => copyFileSync(imported, db));

const prune = (args: string[], options?: RunOptions): Promise<CliResult> =>
  wattduck(['prune', '--db', db, ...args], { cwd: folder, ...options });
const counts = async (): Promise<Record<string, number>> => {
  const { stdout } = await wattduck([
    'sql',
    'select lower(event_type) as type, count(*) as n from charge_point_events group by all',
    '--json',
    '--db',
    db,
  ]);
  return Object.fromEntries((JSON.parse(stdout) as { type: string; n: number }[]).map(({ type, n }) => [type, n]));
};
const all = { heartbeat: 100, meter: 100, status: 10, reset: 1 };

describe('prune', () => {
  test('deletes events older than their age at the last event, and logs their number', async () => {
    // The last event is on day 99: 30 days before is day 69 and 4 weeks before is day 71, at noon.
    const { status, stdout, stderr } = await prune(['--keep', 'meter=30d', '--keep', 'HEARTBEAT=4w', '--yes']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.replaceAll(/[\d.]+ MB/g, 'N MB')).toBe(
      [
        'meter: 69 events before 2025-03-11 12:00:00 UTC deleted',
        'heartbeat: 70 events before 2025-03-13 12:00:00 UTC deleted, 1 older stays',
        `${db}: 139 events deleted, N MB before, N MB after; later imports reuse the free space, wattduck optimize gives it back`,
        '',
      ].join('\n'),
    );
    expect(await counts()).toEqual({ ...all, meter: 31, heartbeat: 30 });
    const { stdout: log } = await wattduck([
      'report',
      'prunes',
      '--db',
      db,
      '--format',
      'csv',
      '--columns',
      'prune_id,event_type,pruned_before,rows_deleted,rows_kept',
    ]);
    expect(log).toBe(
      [
        'prune_id,event_type,pruned_before,rows_deleted,rows_kept',
        '1,heartbeat,2025-03-13 12:00:00,70,1',
        '1,meter,2025-03-11 12:00:00,69,0',
        '',
      ].join('\n'),
    );
  });

  test('again deletes nothing more', async () => {
    await prune(['--keep', 'meter=30d', '--yes']);
    const { stdout } = await prune(['--keep', 'meter=30d', '--yes']);
    expect(stdout).toContain('meter: 0 events before 2025-03-11 12:00:00 UTC deleted\n');
    expect(await counts()).toEqual({ ...all, meter: 31 });
  });

  test('the same file, imported again with --force, brings the events back', async () => {
    await prune(['--keep', 'meter=30d', '--keep', 'status=1d', '--keep', 'heartbeat=1d', '--yes']);
    const skipped = await wattduck(['ingest', file, '--db', db]);
    expect(skipped.stdout).toContain('already imported');
    // All ten statuses are old, and 98 heartbeats; the last ones stay.
    const { stdout } = await wattduck(['ingest', file, '--force', '--db', db]);
    expect(stdout).toContain(`${69 + 9 + 97} new`);
    expect(await counts()).toEqual(all);
  });

  test('--dry-run changes nothing', async () => {
    const { status, stdout } = await prune(['--keep', 'status=30d', '--dry-run']);
    // Days 0 to 60 are old; day 60 stays.
    expect([status, stdout]).toEqual([
      0,
      'status: 6 events before 2025-03-11 12:00:00 UTC would be deleted, 1 older stays\n',
    ]);
    expect(await counts()).toEqual(all);
  });

  test.each([
    ['2025-02-01', '2025-01-02 00:00:00', 1],
    ['2025-02-01T12:00:00+02:00', '2025-01-02 10:00:00', 1],
    ['2025-02-01 12:00:00', '2025-01-02 12:00:00', 1],
  ])('--as-of %s counts ages from then', async (asOf, before, deleted) => {
    const { stdout } = await prune(['--keep', 'meter=30d', '--as-of', asOf, '--dry-run']);
    expect(stdout).toBe(`meter: ${deleted} event before ${before} UTC would be deleted\n`);
  });

  test('an event in the future is not the last one', async () => {
    const future = join(folder, 'future.csv');
    writeFileSync(future, 'station_id,event_type,event_time\nCP,heartbeat,2031-01-01 00:00:00\n');
    await wattduck(['ingest', future, '--db', db]);
    const { stdout } = await prune(['--keep', 'meter=30d', '--dry-run']);
    expect(stdout).toContain('before 2025-03-11 12:00:00 UTC');
  });

  test('uses the setting retention, and warns of types without events', async () => {
    const home = scratch();
    writeFileSync(join(home, 'wattduck.config.json'), '{ "retention": { "meter": "30d", "Reboot": "1d" } }');
    const { status, stdout, stderr } = await prune(['--yes'], { cwd: home });
    expect([status, stderr]).toEqual([
      0,
      'event type "reboot" of the setting retention not found. Types found: heartbeat, meter, reset, status.\n',
    ]);
    expect(stdout).toContain('meter: 69 events');
    const { stdout: config } = await wattduck(['config', '--format', 'csv'], { cwd: home });
    expect(config).toContain('retention,"meter: 30d, reboot: 1d",');
  });

  test('a database without events has nothing to delete', async () => {
    const sites = join(folder, 'sites.csv');
    writeFileSync(sites, 'site_id,name\nS,Lot\n');
    const empty = join(folder, 'empty.duckdb');
    await wattduck(['ingest', sites, '--source', 'sites', '--db', empty]);
    const { status, stdout } = await wattduck(['prune', '--keep', 'meter=90d', '--yes', '--db', empty]);
    expect([status, stdout]).toEqual([0, `${empty}: no charge point events\n`]);
  });
});

describe('prune rejects', () => {
  const form =
    'expected an event type and its age, in days or weeks. For example: meter=90d or heartbeat=52w; the maximum is 36500d.';
  test.each([
    [[], 'nothing says how long events are kept. Add --keep meter=90d, or set retention in wattduck.config.json.'],
    [
      ['--keep', 'metre=90d'],
      'event type "metre" not found. Did you mean meter? Types found: heartbeat, meter, reset, status.',
    ],
    [['--keep', 'x=90d'], 'event type "x" not found. Types found: heartbeat, meter, reset, status.'],
    [['--keep', 'meter=1d', '--keep', 'METER=2d'], '--keep has the event type "meter" twice. Omit one of them.'],
    ...['meter', 'meter=', 'meter=90', 'meter=0d', 'meter=-1d', 'meter=1.5d', 'meter=3m', '=90d', 'meter=36501d'].map(
      (value): [string[], string] => [['--keep', value], `invalid value "${value}" for --keep: ${form}`],
    ),
    [['--keep', 'meter=1d', '--as-of', '2026-01-02'], '--as-of 2026-01-02 is in the future. Use a time up to now.'],
    [
      ['--keep', 'meter=1d', '--as-of', 'yesterday'],
      'invalid value "yesterday" for --as-of: expected a date or time. Use 2024-01-31, "2024-01-31 23:59:59" or ISO 8601 with an offset.',
    ],
  ])('%j', async (args, message) => {
    const { status, stderr } = await prune([...args, '--yes']);
    expect([status, stderr]).toEqual([2, `error: ${message}\n`]);
    expect(await counts()).toEqual(all);
  });

  test('to delete without a confirmation', async () => {
    const { status, stderr } = await prune(['--keep', 'meter=90d']);
    expect([status, stderr]).toEqual([
      2,
      'error: prune asks before it deletes, and the input is not a terminal. Add --yes, or --dry-run to see what would be deleted.\n',
    ]);
    expect(await counts()).toEqual(all);
  });

  test('a database that does not exist', async () => {
    const { status, stderr } = await wattduck([
      'prune',
      '--keep',
      'meter=90d',
      '--yes',
      '--db',
      join(folder, 'no.duckdb'),
    ]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('not found')]);
  });
});
