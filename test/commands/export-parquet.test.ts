import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DuckDb, literal } from '../../src/warehouse/duckdb.ts';
import { scratch, wattduck, type RunOptions } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { Catalog } from '../../src/catalog/catalog.ts';

interface Manifest {
  generation: number;
  schemaVersion: number;
  formatVersion: number;
  duckdb: string;
  tables: Record<
    string,
    { columns: { name: string; type: string }[]; files: { path: string; rows: number; bytes: number; hash: string }[] }
  >;
  retired: { path: string; at: string }[];
}

const folder = scratch();
const at = (name: string): string => join(folder, name);
const readManifest = (path: string): Manifest =>
  JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as Manifest;

async function run(args: string[], options: RunOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await wattduck(args, options);
  expect(status, stderr).toBe(0);
  return stdout + stderr;
}

/** Rows of sessions of one charge point, one a day at noon, from a day on. */
function sessionsFile(name: string, from: string, days: number, energy = 10): string {
  const rows = Array.from({ length: days }, (_, day) => {
    const start = new Date(Date.parse(`${from}T12:00:00Z`) + day * 86_400_000).toISOString();
    const end = start.replace('T12', 'T13');
    return `${start.slice(0, 10)},CP1,${start},${end},${energy},${end}`;
  });
  writeFileSync(at(name), ['session_id,station_id,start_time,end_time,energy_kwh,timestamp', ...rows, ''].join('\n'));
  return at(name);
}

function eventsFile(name: string, from: string, hours: number): string {
  const lines = Array.from({ length: hours }, (_, hour) => {
    const time = new Date(Date.parse(`${from}T00:00:00Z`) + hour * 3_600_000).toISOString();
    return [
      JSON.stringify({ station_id: 'CP1', event_type: 'heartbeat', event_time: time }),
      JSON.stringify({
        station_id: 'CP1',
        connector_id: '1',
        event_type: 'status',
        event_time: time,
        status: hour % 2 ? 'Charging' : 'Available',
      }),
      JSON.stringify({
        station_id: 'CP1',
        connector_id: '1',
        event_type: 'status',
        event_time: time,
        status: 'Preparing',
        event_id: `p${hour}${from}`,
      }),
    ].join('\n');
  });
  writeFileSync(at(name), `${lines.join('\n')}\n`);
  return at(name);
}

const original = at('original.duckdb');
await run(['ingest', sessionsFile('sessions.csv', '2025-01-15', 100), '--db', original]);
await run(['ingest', eventsFile('events.ndjson', '2025-01-31', 24 * 30), '--db', original]);

/** A database with 100 days of sessions from 15 January 2025, and 30 days of events from 31 January. */
function createDatabase(name: string): string {
  const db = at(`${name}.duckdb`);
  copyFileSync(original, db);
  return db;
}

const exportTo = (path: string, db: string, options: RunOptions = {}): Promise<string> =>
  run(['export', '--parquet', path, '--db', db], options);

/** Changes a database by SQL. */
async function change(db: string, sql: string): Promise<void> {
  const duckdb = await DuckDb.open();
  await openForWriting(duckdb, db, await Catalog.open(duckdb));
  await duckdb.run(sql);
  await duckdb.close();
}

/** All rows of a table in a folder or database, with the order of arrival within a month. */
async function rowsOf(path: string, table: string): Promise<string> {
  const order =
    "row_number() over (partition by arrival_order is null, strftime(event_time, '%Y-%m') order by arrival_order, event_id)";
  const columns = table === 'charge_point_events' ? `* exclude arrival_order, ${order} as arrival` : '*';
  const { stdout, stderr } = await wattduck([
    'sql',
    `select ${columns} from ${table} order by all`,
    '--db',
    path,
    '--format',
    'csv',
  ]);
  return stdout + stderr;
}

const paths = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .toSorted();

test('Writes a file per month, sorted by time, and a manifest that lists them', async () => {
  const db = createDatabase('months');
  const output = await exportTo(at('months'), db);
  // 100 days from 15 January end on 24 April; 30 days from 31 January on 1 March.
  expect(output).toBe(
    [
      'charge_point_events  1,440 rows, 3 written',
      'charging_sessions    100 rows, 4 written',
      'heartbeat_days       30 rows, 3 written',
      'ingests              2 rows, 1 written',
      `${at('months')}: 11 files written, 0 unchanged, 0 removed (0.0 MB)`,
      '',
    ].join('\n'),
  );
  const { tables, generation } = readManifest(at('months'));
  expect(generation).toBe(1);
  expect(tables['charging_sessions']!.files.map(({ path, rows }) => [path.split('/')[1], rows])).toEqual([
    ['month=2025-01', 17],
    ['month=2025-02', 28],
    ['month=2025-03', 31],
    ['month=2025-04', 24],
  ]);
  expect(paths(at('months'))).toHaveLength(11);
  for (const { path, bytes } of Object.values(tables).flatMap(({ files }) => files))
    expect(statSync(join(at('months'), path)).size).toBe(bytes);
  // Any other tool can read it.
  const { duckdb } = await openEngine();
  const glob = join(at('months'), 'charging_sessions/*/*.parquet');
  expect(
    await duckdb.rows(
      `select month, count(*)::int as n, sum(energy_kwh)::double as kwh from read_parquet(${literal(glob)}, hive_partitioning = true) where month = '2025-02' group by 1`,
    ),
  ).toEqual([{ month: '2025-02', n: 28, kwh: 280 }]);
  const [file] = tables['charge_point_events']!.files;
  const times = await duckdb.rows(
    `select event_time::varchar as time, arrival_order from read_parquet(${literal(join(at('months'), file!.path))})`,
  );
  const ordered = times.toSorted((a, b) =>
    a['time']! < b['time']!
      ? -1
      : a['time']! > b['time']!
        ? 1
        : Number(a['arrival_order']) - Number(b['arrival_order']),
  );
  expect(times).toEqual(ordered);
  expect(
    await duckdb.rows(`select distinct compression from parquet_metadata(${literal(join(at('months'), file!.path))})`),
  ).toEqual([{ compression: 'ZSTD' }]);
});

test('Only months that changed are written again: new rows, corrections, deletions, and nothing', async () => {
  const db = createDatabase('changes');
  const target = at('changes');
  await exportTo(target, db);
  const written = async (): Promise<Record<string, string[]>> => {
    const before = new Set(paths(target));
    await exportTo(target, db);
    const { tables } = readManifest(target);
    return Object.fromEntries(
      Object.entries(tables)
        .map(([name, { files }]): [string, string[]] => [
          name,
          files.filter(({ path }) => !before.has(path)).map(({ path }) => path.split('/')[1]!),
        ])
        .filter(([name, files]) => files.length > 0 && name !== 'ingests'),
    );
  };
  const unchanged = readFileSync(join(target, 'manifest.json'), 'utf8');
  expect(await written()).toEqual({});
  expect(readFileSync(join(target, 'manifest.json'), 'utf8'), 'the manifest of an unchanged folder stays').toBe(
    unchanged,
  );
  // A new month.
  await run(['ingest', sessionsFile('new.csv', '2025-05-01', 3), '--db', db]);
  expect(await written()).toEqual({ charging_sessions: ['month=2025-05'] });
  // A correction of one value in an old month.
  writeFileSync(
    at('correction.csv'),
    'session_id,station_id,start_time,end_time,energy_kwh,timestamp\n2025-02-10,CP1,2025-02-10T12:00:00Z,2025-02-10T13:00:00Z,11,2025-06-01T00:00:00Z\n',
  );
  await run(['ingest', at('correction.csv'), '--db', db]);
  expect(await written()).toEqual({ charging_sessions: ['month=2025-02'] });
  // Values exchanged between two rows, so that no sum changes.
  await change(
    db,
    `update charging_sessions set energy_kwh = case session_id when '2025-03-01' then 3 when '2025-03-02' then 17 else energy_kwh end`,
  );
  expect(await written()).toEqual({ charging_sessions: ['month=2025-03'] });
  await change(
    db,
    `update charging_sessions set energy_kwh = case session_id when '2025-03-01' then 17 when '2025-03-02' then 3 else energy_kwh end`,
  );
  expect(await written()).toEqual({ charging_sessions: ['month=2025-03'] });
  // A session moved to another month.
  await change(
    db,
    `update charging_sessions set start_time = timestamp '2025-04-01 00:00' where session_id = '2025-03-31'`,
  );
  expect(await written()).toEqual({ charging_sessions: ['month=2025-03', 'month=2025-04'] });
  // A deletion, of heartbeats too.
  await change(db, `delete from charging_sessions where session_id = '2025-01-20'`);
  await change(db, `delete from heartbeat_days where day = date '2025-02-03'`);
  expect(await written()).toEqual({ charging_sessions: ['month=2025-01'], heartbeat_days: ['month=2025-02'] });
  // Two events of one moment in another order of arrival.
  await change(
    db,
    `create temp table moved as from charge_point_events where event_time = timestamp '2025-02-05 10:00' and status <> 'Preparing';
     delete from charge_point_events where event_id in (select event_id from moved);
     insert into charge_point_events from moved`,
  );
  expect(await written()).toEqual({ charge_point_events: ['month=2025-02'] });
  for (const table of ['charging_sessions', 'charge_point_events', 'heartbeat_days', 'ingests'])
    expect(await rowsOf(target, table), table).toBe(await rowsOf(db, table));
});

test('Events of earlier months that are deleted do not make later months new', async () => {
  const db = createDatabase('shifted');
  await exportTo(at('shifted'), db);
  const before = readManifest(at('shifted')).tables['charge_point_events']!.files;
  await change(
    db,
    `create table kept as from charge_point_events where event_time >= timestamp '2025-02-01' order by rowid; drop table charge_point_events; alter table kept rename to charge_point_events`,
  );
  await exportTo(at('shifted'), db);
  expect(readManifest(at('shifted')).tables['charge_point_events']!.files).toEqual(before.slice(1));
});

test('A month without rows is removed; its file stays for running readers, for an hour', async () => {
  const db = createDatabase('removed');
  const target = at('removed');
  await exportTo(target, db, { now: new Date('2026-01-01T00:00:00Z') });
  const [old] = readManifest(target).tables['charging_sessions']!.files;
  await change(db, `delete from charging_sessions where start_time < timestamp '2025-02-01'`);
  expect(await exportTo(target, db, { now: new Date('2026-01-01T10:00:00Z') })).toContain(
    '83 rows, 3 unchanged, 1 removed',
  );
  expect(existsSync(join(target, old!.path))).toBe(true);
  expect(await rowsOf(target, 'charging_sessions')).toBe(await rowsOf(db, 'charging_sessions'));
  await exportTo(target, db, { now: new Date('2026-01-01T10:59:00Z') });
  expect(existsSync(join(target, old!.path))).toBe(true);
  // The clock of the file system is that of this machine, not that of the test.
  await exportTo(target, db, { now: new Date('2099-01-01T11:01:00Z') });
  expect(existsSync(join(target, old!.path))).toBe(false);
  expect(existsSync(join(target, 'charging_sessions/month=2025-01'))).toBe(false);
});

test('Times with an impossible year share one file', async () => {
  const db = at('years.duckdb');
  writeFileSync(
    at('years.csv'),
    `session_id,station_id,start_time,end_time,energy_kwh\na,A,0014-05-01T10:00:00Z,0014-05-01T11:00:00Z,1\nb,A,2025-05-01T10:00:00Z,2025-05-01T11:00:00Z,2\nc,A,9999-05-01T10:00:00Z,9999-05-01T11:00:00Z,4\n`,
  );
  await run(['ingest', at('years.csv'), '--db', db]);
  await exportTo(at('years'), db);
  const { files } = readManifest(at('years')).tables['charging_sessions']!;
  expect(files.map(({ path, rows }) => [path.split('/')[1], rows])).toEqual([
    ['month=2025-05', 1],
    ['month=other', 2],
  ]);
  expect(await rowsOf(at('years'), 'charging_sessions')).toBe(await rowsOf(db, 'charging_sessions'));
});

test('Tokens and the request log are never exported; personal values only without --redact', async () => {
  const db = at('private.duckdb');
  await run(
    ['ingest', 'test/reports/data/seed002/customer_profiles.csv', '--db', db].filter((part) => part !== ''),
  ).catch(() => undefined);
  writeFileSync(
    at('rfid.csv'),
    'session_id,station_id,start_time,rfid,rfid_name\n1,A,2025-01-01T00:00:00Z,04AB,Erika Mustermann\nx,A,yesterday,04AB,Erika Musterfrau\n',
  );
  expect((await wattduck(['ingest', at('rfid.csv'), '--db', db])).stdout).toContain('1 new');
  await run(['token', 'create', 'dashboard', '--db', db]);
  await change(db, `insert into requests values (timestamp '2025-01-01', 'dashboard', '/secret-route', 200, 1, 1)`);
  for (const [target, isRedacted] of [
    ['open', false],
    ['redacted', true],
  ] as const) {
    await run(['export', '--parquet', at(target), '--db', db, ...(isRedacted ? ['--redact'] : [])]);
    expect(Object.keys(readManifest(at(target)).tables)).not.toEqual(expect.arrayContaining(['tokens']));
    expect(existsSync(at(`${target}/tokens`)) || existsSync(at(`${target}/requests`))).toBe(false);
    const { stdout } = await wattduck([
      'sql',
      'select rfid, rfid_name from charging_sessions',
      '--db',
      at(target),
      '--format',
      'csv',
    ]);
    expect(stdout).toBe(`rfid,rfid_name\n04AB,${isRedacted ? '[redacted]' : 'Erika Mustermann'}\n`);
    const rejected = await wattduck(['sql', 'select raw from quarantine', '--db', at(target), '--format', 'csv']);
    expect(rejected.stdout.includes('Musterfrau')).toBe(!isRedacted);
    expect((await wattduck(['sql', 'select * from tokens', '--db', at(target)])).status).not.toBe(0);
  }
  expect(
    (
      await wattduck([
        'sql',
        'select rfid_name from charging_sessions',
        '--db',
        at('open'),
        '--redact',
        '--format',
        'csv',
      ])
    ).stdout,
  ).toContain('[redacted]');
});

test('Commands that write are rejected, and name the next step', async () => {
  const db = createDatabase('written');
  await exportTo(at('written'), db);
  for (const args of [
    ['ingest', at('sessions.csv')],
    ['token', 'create', 'x'],
    ['token', 'revoke', 'x'],
    ['issues', 'ack', 'x'],
    ['quarantine', 'retry'],
    ['quarantine', 'clear', '--source', 'charging_sessions'],
  ]) {
    const { status, stderr } = await wattduck([...args, '--db', at('written')]);
    expect(stderr, args.join(' ')).toContain(
      'is a Parquet folder, which is read-only. Run the command on the database',
    );
    expect(status, args.join(' ')).toBe(4);
  }
  const backup = await wattduck(['backup', at('copy.duckdb'), '--db', at('written')]);
  expect([backup.status, backup.stderr]).toEqual([
    2,
    expect.stringContaining('is a Parquet folder, expected a database'),
  ]);
});

test('URLs are rejected', async () => {
  for (const url of ['s3://bucket/network', 'https://example.com/network', 'gs://b/n', 'hf://x/y']) {
    for (const args of [
      ['report', 'revenue-summary', '--db', url],
      ['export', '--parquet', url, '--db', at('months.duckdb')],
    ]) {
      const { status, stderr } = await wattduck(args);
      expect([status, stderr]).toEqual([2, expect.stringContaining(`${url}: URLs are not supported`)]);
    }
  }
  mkdirSync(at('config'));
  writeFileSync(at('config/wattduck.config.json'), '{ "db": "s3://bucket/network" }');
  const { status, stderr } = await wattduck(['report', 'revenue-summary'], { cwd: at('config') });
  expect([status, stderr]).toEqual([2, expect.stringContaining('URLs are not supported')]);
});

test('Options of reports and wrong targets are rejected', async () => {
  const db = createDatabase('options');
  for (const [args, message] of [
    [['x', '--period', '2025'], '--parquet cannot be combined with --period'],
    [['x', '--reports', 'station-analytics'], '--parquet cannot be combined with --reports'],
    [['x', '-f', 'csv'], '--parquet cannot be combined with --format'],
    [[db], 'expected a folder'],
    [[join(db, 'x')], 'expected a folder'],
    [[folder], 'has other files and no manifest.json'],
  ] as const) {
    const { status, stderr } = await wattduck([
      'export',
      '--parquet',
      ...args.slice(0, 1),
      '--db',
      db,
      ...args.slice(1),
    ]);
    expect([status, stderr], args.join(' ')).toEqual([2, expect.stringContaining(message)]);
  }
  const missing = await wattduck(['export', '--parquet', at('none'), '--db', at('none.duckdb')]);
  expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('not found')]);
  expect(existsSync(at('none'))).toBe(false);
  await exportTo(at('self'), db);
  const self = await wattduck(['export', '--parquet', at('self'), '--db', at('self')]);
  expect([self.status, self.stderr]).toEqual([2, expect.stringContaining('is the Parquet folder itself')]);
  // A folder can be exported to another one.
  await exportTo(at('second'), at('self'));
  expect(await rowsOf(at('second'), 'charge_point_events')).toBe(await rowsOf(db, 'charge_point_events'));
});

/** A copy of a folder with a changed manifest. */
function forged(name: string, edit: (manifest: Manifest) => void): string {
  rmSync(at(name), { recursive: true, force: true });
  cpSync(at('hostile'), at(name), { recursive: true });
  const manifest = readManifest(at(name));
  edit(manifest);
  writeFileSync(join(at(name), 'manifest.json'), JSON.stringify(manifest));
  return at(name);
}

test('A hostile or damaged folder gives a clear error, and nothing outside it is read', async () => {
  const db = createDatabase('hostile');
  await exportTo(at('hostile'), db);
  const secret = at('secret.parquet');
  const { duckdb } = await openEngine();
  await duckdb.run(
    `copy (select 'stolen' as session_id, 'A' as station_id, now()::timestamp as start_time) to ${literal(secret)} (format parquet)`,
  );
  const sessions = (manifest: Manifest): Manifest['tables'][string] => manifest.tables['charging_sessions']!;
  const setPath =
    (path: string) =>
    (manifest: Manifest): void =>
      void (sessions(manifest).files[0]!.path = path);
  const cases: [string, (manifest: Manifest) => void, string][] = [
    ['parent folder', setPath('../secret.parquet'), 'not the path of a data file'],
    ['parent folder below', setPath('charging_sessions/../../secret.parquet'), 'not the path of a data file'],
    ['absolute path', setPath(secret), 'not the path of a data file'],
    ['pattern', setPath('charging_sessions/month=*/000001-12345678.parquet'), 'not the path of a data file'],
    ['quote', setPath(`charging_sessions/month=2025-01/x'); drop table x; --.parquet`), 'not the path of a data file'],
    ['URL', setPath('https://example.com/x.parquet'), 'not the path of a data file'],
    [
      'other table',
      setPath(readManifest(at('hostile')).tables['heartbeat_days']!.files[0]!.path),
      'is not a file of charging_sessions',
    ],
    ['one file twice', (manifest) => sessions(manifest).files.push(sessions(manifest).files[0]!), 'has a month twice'],
    ['newer schema', (manifest) => void (manifest.schemaVersion += 1), 'was written by a newer wattduck'],
    ['newer layout', (manifest) => void (manifest.formatVersion += 1), 'was written by a newer wattduck'],
    ['older schema', (manifest) => void (manifest.schemaVersion = 6), 'was written by an older wattduck'],
    ['no tables', (manifest) => void delete (manifest as Partial<Manifest>).tables, 'is not a valid manifest'],
    [
      'a table name with a quote',
      (manifest) => void (manifest.tables[`x"; drop table y; --`] = { columns: [], files: [] }),
      'is not a valid manifest',
    ],
    ['a file that is missing', setPath('charging_sessions/month=2025-01/000001-00000000.parquet'), 'is missing'],
    ['a file of another size', (manifest) => void (sessions(manifest).files[0]!.bytes += 1), 'bytes instead of'],
    [
      'a column that does not exist',
      (manifest) => void (sessions(manifest).columns[1]!.name = 'end_time'),
      'has a column twice',
    ],
  ];
  for (const [name, edit, message] of cases) {
    const { status, stdout, stderr } = await wattduck(['report', 'get-sessions', '--db', forged('forged', edit)]);
    expect([status, stdout, stderr], name).toEqual([1, '', expect.stringContaining(message)]);
    expect(stderr, name).not.toMatch(/stolen|at .*\.ts:|unexpected/);
  }
  // A table of tokens in the manifest is ignored.
  const tokens = forged(
    'forged',
    (manifest) => void (manifest.tables['tokens'] = { columns: [{ name: 'name', type: 'VARCHAR' }], files: [] }),
  );
  expect((await wattduck(['report', 'get-sessions', '--db', tokens])).status).toBe(0);

  const edits: [string, (path: string) => void, string][] = [
    [
      'a link',
      (path) => {
        rmSync(path);
        symlinkSync(secret, path);
      },
      'is a symbolic link',
    ],
    [
      'a folder that is a link',
      (path) => {
        const month = join(path, '..');
        renameSync(month, at('elsewhere'));
        symlinkSync(at('elsewhere'), month);
      },
      'is a symbolic link',
    ],
    ['a truncated file', (path) => truncateSync(path, 100), 'bytes instead of'],
    ['an absent file', (path) => rmSync(path), 'is missing'],
    [
      'a folder instead of a file',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
      'is not a file',
    ],
    [
      'a file with other bytes',
      (path) => writeFileSync(path, Buffer.alloc(statSync(path).size, 'x')),
      'a file of the Parquet folder is damaged',
    ],
    [
      'a file of other columns',
      (path) => {
        const { size } = statSync(path);
        cpSync(secret, path);
        appendFileSync(path, Buffer.alloc(Math.max(0, size - statSync(path).size)));
        truncateSync(path, size);
      },
      'a file of the Parquet folder is damaged',
    ],
  ];
  for (const [name, edit, message] of edits) {
    const path = forged('forged', () => undefined);
    const { files } = sessions(readManifest(path));
    for (const file of [files[0]!, files.at(-1)!]) {
      const copy = forged('forged', () => undefined);
      rmSync(at('elsewhere'), { recursive: true, force: true });
      edit(join(copy, file.path));
      const { status, stdout, stderr } = await wattduck(['report', 'get-sessions', '--db', copy]);
      expect([status, stdout, stderr], name).toEqual([1, '', expect.stringContaining(message)]);
    }
  }
  for (const text of ['', '{', 'null', '[]', '"x"', '{}']) {
    writeFileSync(join(at('forged'), 'manifest.json'), text);
    const { status, stderr } = await wattduck(['report', 'get-sessions', '--db', at('forged')]);
    expect([status, stderr], text).toEqual([1, expect.stringContaining('is not a valid manifest')]);
  }
  rmSync(join(at('forged'), 'manifest.json'));
  const { status, stderr } = await wattduck(['report', 'get-sessions', '--db', at('forged')]);
  expect([status, stderr]).toEqual([2, expect.stringContaining('is a folder without a manifest.json')]);
});

test('The next export repairs a damaged folder', async () => {
  const db = createDatabase('repair');
  const target = at('repair');
  await exportTo(target, db);
  const { files } = readManifest(target).tables['charging_sessions']!;
  rmSync(join(target, files[0]!.path));
  truncateSync(join(target, files[1]!.path), 10);
  expect(await exportTo(target, db)).toContain('100 rows, 2 written, 2 unchanged');
  expect(await rowsOf(target, 'charging_sessions')).toBe(await rowsOf(db, 'charging_sessions'));
  // Without a valid manifest, all files are written again.
  for (const break_ of [(path: string) => writeFileSync(path, '{'), (path: string) => rmSync(path)]) {
    break_(join(target, 'manifest.json'));
    expect(await exportTo(target, db)).toContain('100 rows, 4 written');
    expect(await rowsOf(target, 'charging_sessions')).toBe(await rowsOf(db, 'charging_sessions'));
  }
});

test('Other columns, or another DuckDB, make every file new', async () => {
  const db = createDatabase('versions');
  const target = at('versions');
  await exportTo(target, db);
  for (const edit of [
    (manifest: Manifest) => void (manifest.duckdb = 'v0.0.1'),
    (manifest: Manifest) => void manifest.tables['charging_sessions']!.columns.pop(),
  ]) {
    const manifest = readManifest(target);
    edit(manifest);
    writeFileSync(join(target, 'manifest.json'), JSON.stringify(manifest));
    expect(await exportTo(target, db)).toContain('100 rows, 4 written');
  }
});

test('doctor compares the rows of a folder with the hashes of its manifest', async () => {
  const db = createDatabase('doctor');
  const target = at('doctor');
  await exportTo(target, db, { now: new Date('2026-01-02T03:04:00Z') });
  expect(await run(['doctor', '--db', target])).toContain('Parquet folder of 2026-01-02 03:04 UTC, 11 files');
  // A file with other rows, and the size that the manifest has.
  const manifest = readManifest(target);
  const [file] = manifest.tables['charging_sessions']!.files;
  const path = join(target, file!.path);
  const { duckdb } = await openEngine();
  await duckdb.run(
    `copy (select * replace (energy_kwh + 1 as energy_kwh) from read_parquet(${literal(path)})) to ${literal(`${path}.new`)} (format parquet)`,
  );
  renameSync(`${path}.new`, path);
  file!.bytes = statSync(path).size;
  writeFileSync(join(target, 'manifest.json'), JSON.stringify(manifest));
  const { status, stdout } = await wattduck(['doctor', '--db', target]);
  expect([status, stdout]).toEqual([1, expect.stringContaining(`${file!.path} has other rows than were exported`)]);
});

test('Columns that the files lack are null', async () => {
  const db = createDatabase('columns');
  const target = at('columns');
  await exportTo(target, db);
  const manifest = readManifest(target);
  const { columns } = manifest.tables['charging_sessions']!;
  manifest.tables['charging_sessions']!.columns = columns.filter(({ name }) => name !== 'energy_kwh');
  writeFileSync(join(target, 'manifest.json'), JSON.stringify(manifest));
  const { stdout } = await wattduck([
    'sql',
    'select count(*) as n, count(energy_kwh) as kwh from charging_sessions',
    '--db',
    target,
    '--format',
    'csv',
  ]);
  expect(stdout).toBe('n,kwh\n100,0\n');
});

test('A folder is opened read-only: nothing is written, and names with special characters work', async () => {
  const db = createDatabase('reading');
  for (const name of ['a[1]', 'b*', 'it\'s "so"', 'per%20cent?x=1', 'ünï {a,b}', '~']) {
    const target = join(folder, 'names', name);
    await exportTo(target, db);
    const before = execFileSync('find', [target, '-printf', '%p %T@ %s\n']).toString();
    expect(await rowsOf(target, 'charging_sessions'), name).toBe(await rowsOf(db, 'charging_sessions'));
    expect(execFileSync('find', [target, '-printf', '%p %T@ %s\n']).toString()).toBe(before);
  }
  expect(await run(['report', 'get-sessions', '--db', `${join(folder, 'names', 'a[1]')}/`])).toContain('CP1');
});

test('Users can export their own sources', async () => {
  const sql = at('sql');
  mkdirSync(join(sql, 'sources'), { recursive: true });
  const source = (partition: string): string => `/*---
title: Weather
description: One row per hour and place.
key: [place, measured_at]
version: measured_at
${partition}
columns:
  place: { description: Place }
  measured_at: { description: "Time, UTC" }
  celsius: { description: Temperature }
---*/
create table weather (place varchar not null, measured_at timestamp not null, celsius double);
`;
  writeFileSync(join(sql, 'sources/weather.sql'), source('partition_by: measured_at'));
  const db = at('weather.duckdb');
  writeFileSync(at('weather.csv'), 'place,measured_at,celsius\nA,2025-01-31T23:00:00Z,1\nA,2025-02-01T00:00:00Z,2\n');
  await run(['ingest', at('weather.csv'), '--db', db, '--sql-dir', sql]);
  expect(await run(['export', '--parquet', at('weather'), '--db', db, '--sql-dir', sql])).toMatch(
    /weather +2 rows, 2 written/,
  );
  const { stdout } = await wattduck([
    'sql',
    'select sum(celsius) as c from weather',
    '--db',
    at('weather'),
    '--sql-dir',
    sql,
    '--format',
    'csv',
  ]);
  expect(stdout).toBe('c\n3\n');
  // Without the folder of the source, its table is still there.
  expect((await wattduck(['report', 'get-sessions', '--db', at('weather')])).status).toBe(0);
  for (const partition of ['partition_by: celsius', 'partition_by: nothing']) {
    writeFileSync(join(sql, 'sources/weather.sql'), source(partition));
    const { status, stderr } = await wattduck(['export', '--parquet', at('weather'), '--db', db, '--sql-dir', sql]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/partition_by|nothing/)]);
  }
});
