import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DuckDb, literal } from '../../src/warehouse/duckdb.ts';
import { writeFiles } from '../catalog/report-file.ts';
import { scratch, type CliResult } from '../support/cli.ts';
import { startCommandRunner, type CommandRunner, type Surroundings } from './command-runner.ts';
import { leftoverFiles, runCli, spawnServer, stopServer, type SpawnedServer } from './spawn-cli.ts';
import { sessionsCsv } from './spawn-group.ts';

/** Two folders alike, with the same database; that of the one is served. */
const [served, alone] = [join(scratch(), 'home'), join(scratch(), 'home')];
let server: SpawnedServer;

const sessionsNdjson = Array.from({ length: 300 }, (_, n) =>
  JSON.stringify({
    session_id: `j${n}`,
    station_id: `station ${n % 5}`,
    start_time: '2024-03-01 08:00:00',
    energy_kwh: n === 7 ? 'lots' : n % 40,
    timestamp: '2024-03-02 00:00:00',
    location: `Straße "${n}" \u2028`,
  }),
).join('\n');

const weather = `/*---
title: Weather
description: One row an hour.
key: [hour_id]
version: seen
columns:
  hour_id: { description: Hour, aliases: [hour] }
  degrees: { description: Temperature, unit: celsius }
  felt: { description: How it felt, unit: celsius }
  seen: { description: When it was measured, required: true }
---*/
create table weather (hour_id varchar not null, degrees double, felt double, seen timestamp not null);
`;
const mean = `/*---
title: Weather report
description: Mean temperature.
columns: { days: { description: Hours, unit: count }, mean: { description: Mean, nullable: true }, felt_mean: { description: Felt, nullable: true } }
key: [days]
sort: { default: days, allow: [] }
page: { kind: none }
answer: { shape: object }
---*/
select count(*) as days, half(avg(degrees)) as mean, half(avg(felt)) as felt_mean from weather
`;
const depot = `/*---
title: Depot log
description: The log of our depot.
source: charging_sessions
detect_by: [Run, Pole, Plugged]
duplicates: keep
tz: Europe/Oslo
date_order: dmy
decimal_mark: ","
---*/
select Run as session_id, Pole as station_id, Plugged as start_time, kWh as energy_kwh from input`;
const macro = (by: number): string => `create macro half(x) as x / ${by}::double;`;

function furnish(home: string): void {
  mkdirSync(join(home, 'elsewhere'), { recursive: true });
  cpSync('fixtures', join(home, 'fixtures'), { recursive: true });
  cpSync('test/reports/data/dozen', join(home, 'dozen'), { recursive: true });
  writeFiles(home, {
    'own/sources/weather.sql': weather,
    'own/reports/mine/mean.sql': mean,
    'own/prelude/mine.sql': macro(2),
    'own/mappings/depot_log.sql': depot,
    'other/sources/weather.sql': weather,
    'other/reports/mine/mean.sql': mean,
    'other/prelude/mine.sql': macro(10),
    'weather.csv': 'hour,degrees,seen\nh1,10,2024-01-01 00:00\nh2,20,2024-01-01 01:00\n',
    'felt.csv': 'hour,degrees,felt,seen\nh3,30,28,2024-01-01 02:00\n',
    'depot.csv': 'Run;Pole;Plugged;kWh\n1;A;28.10.2018 02:30;1.234,5\n2;A;01.02.2018 10:00;7\n2;A;01.02.2018 10:00;8\n',
    'sessions.csv': sessionsCsv(0, 500, '2024-02-01 00:00:00'),
    'sessions.ndjson': `${sessionsNdjson}\n`,
    'broken.csv': 'session_id,station_id,start_time\n"a,S,2024-01-01\nb,S,2024-01-01\n',
    'header.csv': 'a,b,c\n1,2,3\n',
    'empty.csv': '',
    'zone.csv': 'session_id,station_id,start_time,timestamp\nz1,S,01/02/2024 10:00,2024-02-01 00:00:00\n',
  });
  writeFileSync(join(home, 'more.csv.gz'), gzipSync(sessionsCsv(400, 900, '2024-02-02 00:00:00')));
  writeFileSync(join(home, 'cut.csv.gz'), gzipSync(sessionsCsv(0, 5000, '2024-02-02 00:00:00')).subarray(0, 5000));
  writeFileSync(
    join(home, 'latin.csv'),
    Buffer.from('session_id,station_id,start_time,location\nl1,S,2024-01-01 00:00:00,M\xfcnchen\n', 'latin1'),
  );
  symlinkSync('x.duckdb', join(home, 'link.duckdb'));
}

/** What differs from run to run: clocks, and the sizes of files that are still being written. */
const timeless = (text: string): string =>
  text
    .replaceAll(served, 'HOME')
    .replaceAll(alone, 'HOME')
    .replaceAll(/\d+\.\d s\)/g, 'N s)')
    // How many rows a table has is DuckDB's estimate, which counts those that were replaced until they are cleared away.
    .replaceAll(/"(seconds|elapsed|rows_read|bytes_read)": ?[\d.e-]+/g, '"$1":N')
    .replaceAll(/20(2[5-9]|[3-9]\d)-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?/g, 'NOW')
    .replaceAll(/\d+\.\d MB/g, 'N MB')
    // The last digits of a sum depend on the order in which threads come to their rows.
    .replaceAll(/\d+\.\d{9,}/g, (digits) => String(Number(Number(digits).toPrecision(12))));

const runners = new Map<string, CommandRunner>();
const runIn = (home: string, args: readonly string[], surroundings?: Surroundings): Promise<CliResult> =>
  runners.get(home)!(args, surroundings);

const both = (args: readonly string[], surroundings?: Surroundings): Promise<[CliResult, CliResult]> =>
  Promise.all([runIn(served, args, surroundings), runIn(alone, args, surroundings)]);

/** Runs the command over both databases, and answers what both wrote. */
async function same(args: readonly string[], surroundings?: Surroundings): Promise<CliResult> {
  const answers = await both(args, surroundings);
  const [one, other] = answers.map((each) => ({
    ...each,
    stdout: timeless(each.stdout),
    stderr: timeless(each.stderr),
  })) as [CliResult, CliResult];
  expect(one, args.join(' ')).toEqual(other);
  expect(one.stderr).not.toMatch(/unexpected:|waiting/);
  return one;
}

beforeAll(async () => {
  for (const home of [served, alone]) {
    furnish(home);
    runners.set(home, startCommandRunner(home));
  }
  for (const home of [served, alone]) {
    // Some of the fixtures only: other columns and tables come while it is served.
    const { status } = await runIn(home, [
      'ingest',
      'fixtures/charge_points.csv',
      'fixtures/issues.csv',
      'fixtures/charge_point_events.ndjson.gz',
      '--db',
      'x.duckdb',
    ]);
    expect([home, status]).toEqual([home, 0]);
  }
  server = await spawnServer(join(served, 'x.duckdb'), { cwd: served });
});

afterAll(() => {
  server.child.kill('SIGKILL');
});

const db = ['--db', 'x.duckdb'];

describe('a command works through the server as it does on the file', () => {
  test.each<[what: string, status: number, args: string[], surroundings?: Surroundings]>([
    ['ingest --dry-run', 0, ['ingest', 'sessions.csv', '--dry-run', ...db]],
    ['ingest --dry-run --json', 0, ['ingest', 'sessions.ndjson', '--dry-run', '--json', ...db]],
    ['ingest --strict with bad rows', 3, ['ingest', 'sessions.csv', '--strict', ...db]],
    ['ingest of CSV, the first rows of its source', 0, ['ingest', 'sessions.csv', ...db]],
    ['ingest of a file that is in already', 0, ['ingest', 'sessions.csv', ...db]],
    ['ingest --force', 0, ['ingest', 'sessions.csv', '--force', ...db]],
    ['ingest of gzipped CSV', 0, ['ingest', 'more.csv.gz', ...db]],
    ['ingest of gzip that breaks off', 1, ['ingest', 'cut.csv.gz', ...db]],
    ['ingest of NDJSON --json', 0, ['ingest', 'sessions.ndjson', '--json', ...db]],
    [
      'ingest from standard input',
      0,
      ['ingest', '-', '--source', 'charging_sessions', ...db],
      { stdin: sessionsCsv(5000, 5100, '2024-02-03 00:00:00') },
    ],
    [
      'ingest --max-errors',
      3,
      ['ingest', '-', '--source', 'charging_sessions', '--max-errors', '1', ...db],
      { stdin: sessionsCsv(6000, 6300, '2024-02-03 00:00:00') },
    ],
    ['ingest of a folder', 0, ['ingest', 'dozen', ...db]],
    [
      'ingest of several files, some of them bad',
      1,
      ['ingest', 'header.csv', 'fixtures/sites.csv', 'empty.csv', 'nowhere.csv', 'fixtures/tariffs.csv', ...db],
    ],
    ['ingest of a pattern', 0, ['ingest', 'fixtures/c*.csv', ...db]],
    ['ingest of broken quotes', 0, ['ingest', 'broken.csv', ...db]],
    ['ingest of another encoding', 0, ['ingest', 'latin.csv', '--encoding', 'latin-1', ...db]],
    [
      'ingest with a zone and an order of dates',
      0,
      ['ingest', 'zone.csv', '--tz', 'Europe/Berlin', '--date-order', 'dmy', ...db],
    ],
    [
      'ingest into a column that was not there',
      0,
      [
        'ingest',
        'fixtures/sessions-2024.csv',
        'fixtures/sessions-2025.ndjson.gz',
        'fixtures/sessions-corrections.csv',
        ...db,
      ],
    ],
    ['ingest --redact', 0, ['ingest', 'fixtures/customer_profiles.csv', '--redact', '--force', ...db]],
    [
      'ingest --replace from another folder, by another name of the database',
      0,
      ['ingest', '../fixtures/sites.csv', '--replace', '--db', '../link.duckdb'],
      { cwd: 'elsewhere' },
    ],
    [
      'ingest under a memory limit',
      0,
      ['ingest', 'fixtures/firmware_releases.csv', '--force', '--memory-limit', '300MB', ...db],
    ],
    [
      'the database by the environment',
      0,
      ['ingests', '--format', 'csv', '--columns', 'ingest_id,file,rows_new'],
      { env: { WATTDUCK_DB: 'link.duckdb' } },
    ],
    ['report as a table', 0, ['report', 'station-analytics', '--currency', 'EUR', '--limit', '5', ...db]],
    ['report --json', 0, ['report', 'user-usage', '--currency', 'EUR', '--limit', '7', '--json', ...db]],
    ['report as CSV', 0, ['report', 'get-sessions', '--format', 'csv', '--limit', '500', ...db]],
    ['report --all', 0, ['report', 'get-sessions', '--all', '--format', 'ndjson', ...db]],
    ['report --explain', 0, ['report', 'health-score', '--explain', '--as-of', '2025-06-01 00:00:00', ...db]],
    [
      'report as markdown',
      0,
      ['report', 'energy-by-time-of-day', '--from', '2024-01-01', '--to', '2024-02-01', '--format', 'markdown', ...db],
    ],
    [
      'report --redact',
      0,
      [
        'report',
        'charging-events',
        'site_01',
        '--from',
        '2024-01-01',
        '--to',
        '2025-12-31',
        '--take',
        '50',
        '--redact',
        '--json',
        ...db,
      ],
    ],
    ['report with a bad value', 2, ['report', 'user-usage', '--limit', 'many', ...db]],
    ['report of several currencies', 0, ['report', 'user-usage', ...db]],
    [
      'report of a rule of segments',
      0,
      ['report', 'segment-customers', '--segment-name', 'Champions', '--as-of', '2025-06-01 00:00:00', '--json', ...db],
    ],
    ['report that there is none of', 2, ['report', 'user-usages', ...db]],
    ['report list', 0, ['report', ...db]],
    ['issues', 0, ['issues', '--as-of', '2025-12-31 12:00:00', '--limit', '20', ...db]],
    ['issues summary', 0, ['issues', 'summary', '--as-of', '2025-12-31 12:00:00', '--json', ...db]],
    ['prune --dry-run', 0, ['prune', '--keep', 'meter=4w', '--keep', 'heartbeat=30d', '--dry-run', ...db]],
    ['prune of an unknown type', 2, ['prune', '--keep', 'metre=90d', '--yes', ...db]],
    ['issues ack of one that is not there', 1, ['issues', 'ack', 'iss_nowhere', ...db]],
    ['quarantine list', 0, ['quarantine', 'list', ...db]],
    ['quarantine show', 0, ['quarantine', 'show', '--source', 'charging_sessions', '--line', '101', ...db]],
    ['quarantine export', 0, ['quarantine', 'export', ...db]],
    ['quarantine retry', 0, ['quarantine', 'retry', '--file', 'sessions.ndjson', ...db]],
    ['quarantine clear', 0, ['quarantine', 'clear', '--file', 'sessions.ndjson', ...db]],
    ['quarantine retry of what is not there', 1, ['quarantine', 'retry', '--file', 'sessions.ndjson', ...db]],
    [
      'sql',
      0,
      [
        'sql',
        'select location, count(*) as n, sum(energy_kwh) as e, min(start_time) as first from charging_sessions group by all order by all',
        ...db,
      ],
    ],
    [
      'sql --json with values of every kind',
      0,
      [
        'sql',
        "select 1e308 * 10 as inf, 9007199254740993 as big, '\u2028 \"' as text, [1, null] as list, {'a': 1} as struct, null as nothing, '{\"a\": 12345678901234567890}'::json as j, date '2024-01-01' as d, 'a'::blob as b, uuid '00000000-0000-0000-0000-000000000001' as u, interval 1 day as i, 1.10::decimal(9, 2) as m",
        '--json',
        ...db,
      ],
    ],
    [
      'sql of very many rows',
      0,
      ['sql', "select range as n, repeat('x', 50) as text from range(60000)", '--format', 'csv', ...db],
    ],
    ['sql that is none', 2, ['sql', 'selec 1', ...db]],
    ['sql that writes', 2, ['sql', "insert into sites (site_id) values ('x')", ...db]],
    ['sql that fails as it runs', 2, ['sql', "select 'x'::integer from range(3)", ...db]],
    ['sql that reads the disk', 2, ['sql', "from read_csv('fixtures/sites.csv')", ...db]],
    ['sql of two statements', 2, ['sql', 'select 1; select 2', ...db]],
    ['sql of nothing that is there', 2, ['sql', 'from nowhere', ...db]],
    ['sources', 0, ['sources', ...db]],
    [
      'ingests',
      0,
      [
        'ingests',
        '--format',
        'csv',
        '--columns',
        'ingest_id,file,rows_read,rows_new,rows_updated,rows_unchanged,rows_quarantined',
        ...db,
      ],
    ],
    ['a bad zone', 2, ['ingest', 'sessions.csv', '--tz', 'Europe/Berlinn', ...db]],
  ])('%s', async (_, status, args, surroundings) => {
    expect(await same(args, surroundings)).toMatchObject({ status });
  });

  test('issues ack, and again with another note', async () => {
    const { stdout } = await same([
      'issues',
      '--status',
      'open',
      '--as-of',
      '2025-12-31 12:00:00',
      '--format',
      'csv',
      '--columns',
      'issue_id',
      ...db,
    ]);
    const id = stdout.split('\n')[1]!;
    expect(id).toMatch(/^iss_/);
    expect(await same(['issues', 'ack', id, '--note', 'seen it', '--format', 'csv', ...db])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('seen it') as string,
    });
    expect(await same(['issues', 'ack', id, '--note', 'again', '--json', ...db])).toMatchObject({ status: 0 });
    expect((await same(['issues', 'history', '--format', 'csv', ...db])).stdout.split('\n')).toHaveLength(4);
  });

  test('report -o writes the same file', async () => {
    for (const ending of ['csv', 'json', 'ndjson', 'md', 'txt']) {
      await same(['report', 'get-sessions', '--limit', '50', '-o', `answer.${ending}`, ...db]);
      const [one, other] = [served, alone].map((home) =>
        timeless(readFileSync(join(home, `answer.${ending}`), 'utf8')),
      );
      expect(one).toBe(other);
      expect(one!.length).toBeGreaterThan(500);
    }
  });

  test('quarantine retry of a corrected export', async () => {
    for (const home of [served, alone]) {
      const { stdout } = await runIn(home, ['quarantine', 'export', '--file', 'sessions.csv', ...db]);
      writeFileSync(join(home, 'corrected.csv'), stdout.replaceAll('n/a,', '12,'));
    }
    const { status, stdout } = await same(['quarantine', 'retry', 'corrected.csv', ...db]);
    expect([status, stdout]).toEqual([0, expect.stringContaining('6 rows read = 6 new') as string]);
  });

  test('doctor', async () => {
    const { status, stdout } = await same(['doctor', '--format', 'csv', '--columns', 'what,value', ...db]);
    expect([status, stdout]).toEqual([0, expect.stringContaining('all valid') as string]);
  });
});

describe('a folder of own SQL', () => {
  const [own, other] = [
    ['--sql-dir', 'own', ...db],
    ['--sql-dir', 'other', ...db],
  ];

  test('its reports, sources, mappings and macros work though the server does not know them', async () => {
    // Before anything was taken in for it, its source is empty.
    expect(JSON.parse((await same(['report', 'mean', '--json', ...own])).stdout)).toEqual({
      days: 0,
      mean: null,
      felt_mean: null,
    });
    expect(await same(['ingest', 'weather.csv', '--source', 'weather', ...own])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('2 new') as string,
    });
    expect(JSON.parse((await same(['report', 'mean', '--json', ...own])).stdout)).toEqual({
      days: 2,
      mean: 7.5,
      felt_mean: null,
    });
    expect(await same(['ingest', 'felt.csv', '--source', 'weather', ...own])).toMatchObject({ status: 0 });
    expect(JSON.parse((await same(['report', 'mean', '--json', ...own])).stdout)).toEqual({
      days: 3,
      mean: 10,
      felt_mean: 14,
    });
    expect(await same(['ingest', 'depot.csv', ...own])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('3 new') as string,
    });
    expect(await same(['sources', ...own])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/weather +3 /) as string,
    });
    expect(await same(['report', 'mean', ...db])).toMatchObject({ status: 2 });
    expect(await same(['sql', 'select half(1)', ...db])).toMatchObject({ status: 2 });
  });

  test('two with macros of one name do not meet', async () => {
    const [halves, tenths] = await Promise.all(
      [own, other].map((folder) => runCli(['report', 'mean', '--json', ...folder], { cwd: served })),
    );
    expect([halves, tenths].map((each) => (JSON.parse(each!.stdout) as { mean: number }).mean)).toEqual([10, 2]);
  });
});

test('what a server hides, its user may see from the command line; what a command hides is hidden though the server shows it', async () => {
  const path = join(served, 'hiding.duckdb');
  cpSync(join(alone, 'x.duckdb'), path);
  const hiding = await spawnServer(path, { cwd: served }, ['--redact']);
  const users = [
    'sql',
    'select distinct rfid_name from charging_sessions where rfid_name is not null order by all limit 3',
    '--format',
    'csv',
  ];
  const shown = await runIn(alone, [...users, ...db]);
  expect(shown.stdout.split('\n').length).toBeGreaterThan(3);
  expect(await runIn(served, [...users, '--db', path])).toEqual(shown);
  const hidden = await runIn(alone, [...users, '--redact', ...db]);
  expect(hidden.stdout).not.toBe(shown.stdout);
  expect(await runIn(served, [...users, '--redact', '--db', path])).toEqual(hidden);
  expect(await runIn(served, [...users, '--redact', ...db])).toEqual(hidden);
  await stopServer(hiding, 'SIGTERM');
});

test('the databases are alike in the end, and the served one has nothing beside it', async () => {
  expect(
    readdirSync(served)
      .filter((name) => name.startsWith('x.duckdb'))
      .toSorted(),
  ).toEqual(['x.duckdb', 'x.duckdb.owner', ...(existsSync(join(served, 'x.duckdb.wal')) ? ['x.duckdb.wal'] : [])]);
  expect(await stopServer(server, 'SIGTERM')).toMatchObject({ status: 0, stdout: '' });
  expect(leftoverFiles(join(served, 'x.duckdb'), server.lockFile)).toEqual([]);
  const tables = await tablesIn(join(alone, 'x.duckdb'));
  expect(await tablesIn(join(served, 'x.duckdb'))).toEqual(tables);
  expect(tables.map(({ table_name: name }) => name)).toEqual(
    expect.arrayContaining(['charging_sessions', 'weather', 'ingests', 'quarantine', 'issue_acknowledgements']),
  );
  for (const { table_name: name, columns } of tables.filter(
    ({ table_name: table }) => !['requests', 'tokens'].includes(table),
  )) {
    const lasting = columns.filter(
      (column) => !/^(seconds|ingested_at|quarantined_at|replaced_at|acknowledged_at|resolved_at)$/.test(column),
    );
    const content = await same([
      'sql',
      `select count(*) as n, sum(hash(t))::varchar as rows from (select ${lasting.map((column) => `"${column}"`).join(', ')} from ${name}) t`,
      '--json',
      ...db,
    ]);
    expect(content.status, name).toBe(0);
  }
  expect(await readFile(join(served, 'x.duckdb'), 'from tokens')).toEqual(
    await readFile(join(alone, 'x.duckdb'), 'from tokens'),
  );
});

/** Every table of a database file, with its columns in order. */
const tablesIn = async (path: string): Promise<{ table_name: string; columns: string[] }[]> =>
  (await readFile(
    path,
    "select table_name, list(column_name order by column_index) as columns from duckdb_columns() where database_name = 'db' group by all order by all",
  )) as { table_name: string; columns: string[] }[];

/** Rows of a database file that no process has open, by DuckDB itself. */
async function readFile(path: string, sql: string): Promise<Record<string, unknown>[]> {
  const duckdb = await DuckDb.open();
  await duckdb.run(`attach ${literal(path)} as db (read_only)`);
  await duckdb.run('use db');
  const rows = await duckdb.rows(sql);
  await duckdb.close();
  return rows;
}
