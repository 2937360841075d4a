import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { openForWriting, schemaVersion } from '../../src/warehouse/database.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
let made = 0;

/** A database as an older schema version left it. */
async function older(schema = 1): Promise<string> {
  const path = join(folder, `old-${(made += 1)}.duckdb`);
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(readFileSync(`test/warehouse/schema-${schema}.sql`, 'utf8'));
  connection.closeSync();
  instance.closeSync();
  return path;
}
const csv = async (db: string, sql: string): Promise<string[]> =>
  (await wattduck(['sql', sql, '--db', db, '--format', 'csv'])).stdout.trim().split('\n').slice(1);

test('a reader migrates an older file and keeps its data', async () => {
  const db = await older();
  const { stdout, status } = await wattduck([
    'ingests',
    '--db',
    db,
    '--format',
    'csv',
    '--columns',
    'file,rows_read,rows_new,rows_quarantined,mapping',
  ]);
  expect([status, stdout]).toEqual([0, 'file,rows_read,rows_new,rows_quarantined,mapping\nold.csv,4,2,2,\n']);
  expect(await csv(db, 'select version from schema_version')).toEqual([String(schemaVersion)]);
  expect(await csv(db, 'select quarantine_id, raw from quarantine order by 1')).toEqual([
    '1,"x,S,soon"',
    '2,"y,S,later"',
  ]);
  expect(await csv(db, 'select session_id, energy_kwh, transaction_data from charging_sessions order by 1')).toEqual([
    'a,1,',
    'b,2,',
  ]);
});

test('a writer migrates it too, and IDs of rejected rows continue', async () => {
  const db = await older();
  const path = join(folder, 'new.csv');
  writeFileSync(path, 'session_id,station_id,start_time,energy_kwh\nb,S,2025-01-03 00:00:00,9\nz,S,never,1\n');
  expect((await wattduck(['ingest', path, '--db', db])).stdout).toContain(
    '2 rows read = 0 new + 1 updated + 0 unchanged + 0 superseded + 1 rejected',
  );
  expect(await csv(db, 'select quarantine_id, file from quarantine order by 1')).toEqual([
    '1,old.csv',
    '2,old.csv',
    `3,${path}`,
  ]);
  expect(await csv(db, 'select session_id, energy_kwh from charging_sessions order by 1')).toEqual(['a,1', 'b,9']);
});

test('reasons of quarantined rows get the wording of new ones, and all else in them stays', async () => {
  const db = await older(2);
  const reasons = [
    'not a valid number',
    'not a valid number',
    'not a valid integer',
    'must be true or false',
    'not a valid timestamp',
    'not a valid date',
    'not valid JSON',
    'not a JSON object',
    'not valid UTF-8',
    'not an IANA time zone',
    'must be one of AC, DC',
    'must be one of critical, high, medium, low',
    'uses an unknown metric',
    'may contain only comparisons of metrics with numbers or quoted strings, AND, OR, NOT and parentheses',
    'not a complete condition',
    'is missing',
    'is before start_time',
    'has 3 fields, fewer than the 5 of the header',
    'is no good, says a check of the user',
    'may be day first or month first',
  ];
  const rows = await wattduck(['sql', 'from quarantine order by quarantine_id', '--db', db, '--format', 'json']);
  const quarantine = JSON.parse(rows.stdout) as Record<string, unknown>[];
  expect(quarantine.map(({ reason }) => reason)).toEqual(reasons);
  expect(quarantine.map(({ quarantine_id: id, line }) => [Number(id), Number(line)])).toEqual(
    reasons.map((_, at) => [at + 1, at + 2]),
  );
  expect(quarantine[0]).toMatchObject({ file: 'old.csv', column_name: 'c', value: 'v', raw: 'r' });
  expect(await csv(db, 'select version from schema_version')).toEqual([String(schemaVersion)]);
});

test('reasons of the first schema version too, and they can be searched for', async () => {
  const find = `quarantine show --reason timestamp --format csv --columns line,reason --db ${await older()}`;
  const { stdout } = await wattduck(find.split(' '));
  expect(stdout).toBe('line,reason\n3,not a valid timestamp\n5,not a valid timestamp\n');
});

test('rows rejected by an older wattduck explain why they cannot be retried', async () => {
  const { status, stderr } = await wattduck(['quarantine', 'retry', '--db', await older()]);
  expect([status, stderr]).toEqual([
    1,
    'error: old.csv: imported by an older wattduck, which did not store how it was read. Import it again with `wattduck ingest --force old.csv`.\n',
  ]);
});

test('a failed migration leaves the older file unchanged', async () => {
  const db = await older();
  const duckdb = await DuckDb.open();
  const catalog = await Catalog.open(duckdb);
  const broken = Object.assign(Object.create(catalog) as Catalog, {
    rules: () => catalog.rules(),
    migrations: async () => [...(await catalog.migrations()), { to: schemaVersion, sql: "select error('power cut')" }],
  });
  await expect(openForWriting(duckdb, db, broken)).rejects.toThrow('power cut');
  await duckdb.close();
  const instance = await DuckDBInstance.create(db);
  const reader = await (
    await instance.connect()
  ).runAndReadAll(
    "select (select max(version) from schema_version) as version, count(*) as columns from duckdb_columns() where table_name in ('ingests', 'quarantine')",
  );
  expect(reader.getRowObjectsJson()).toEqual([{ version: 1, columns: '20' }]);
  instance.closeSync();
  expect((await wattduck(['ingests', '--db', db])).status).toBe(0);
});

test('an older file without write permission is an expected failure', async () => {
  const db = await older();
  chmodSync(db, 0o444);
  const { status, stderr } = await wattduck(['ingests', '--db', db]);
  // The superuser can write it anyway.
  if (process.getuid?.() === 0) expect(status).toBe(0);
  else expect([status, stderr]).toEqual([4, expect.stringMatching(/^error: \S+: no permission[^\n]+\n$/)]);
});

test('heartbeats of an older file move to days, and stay the same events', async () => {
  const db = join(folder, 'heartbeats.duckdb');
  const instance = await DuckDBInstance.create(db);
  const connection = await instance.connect();
  await connection.run(`
    create table schema_version (version integer not null);
    insert into schema_version values (6);
    create table charge_point_events (event_id varchar not null, station_id varchar not null, event_type varchar not null, event_time timestamp not null,
      status varchar, last_updated timestamp not null);
    insert into charge_point_events
      select 'S|heartbeat|' || moment, 'S', case when i % 2 = 0 then 'heartbeat' else 'Heartbeat' end, moment, null, moment
      from (select i, timestamp '2024-01-01 23:58:00' + to_seconds(i * 60) as moment from range(4) t(i))
      union all
      values ('own', 'S', 'heartbeat', timestamp '2024-01-02', null, timestamp '2024-01-02'),
             ('S|heartbeat|2024-01-03 00:00:00', 'S', 'heartbeat', timestamp '2024-01-03', null, timestamp '2024-01-04'),
             ('S|status|2024-01-03 00:00:00', 'S', 'status', timestamp '2024-01-03', 'Available', timestamp '2024-01-03');`);
  const select =
    'select event_id, station_id, event_type, event_time, status, last_updated from charge_point_events order by event_id, event_time';
  const before = (await connection.runAndReadAll(select)).getRowsJson();
  connection.closeSync();
  instance.closeSync();
  const text = (cell: unknown): string => (cell === null ? '' : String(cell).replace(/\.0+$/, ''));
  expect(await csv(db, select)).toEqual(before.map((row) => row.map(text).join(',')));
  expect(
    await csv(
      db,
      'select day, event_type, heartbeat_count, longest_gap_ms from heartbeat_days order by day, event_type',
    ),
  ).toEqual([
    '2024-01-01,Heartbeat,1,0',
    '2024-01-01,heartbeat,1,0',
    '2024-01-02,Heartbeat,1,0',
    '2024-01-02,heartbeat,1,0',
  ]);
});

test('events of an older file are stored without the IDs and versions that their values give, and stay the same', async () => {
  const db = join(folder, 'events.duckdb');
  const instance = await DuckDBInstance.create(db);
  const connection = await instance.connect();
  await connection.run(`
    create table schema_version (version integer not null);
    insert into schema_version values (7);
    create table charge_point_events (event_id varchar not null, station_id varchar not null, event_type varchar not null, event_time timestamp not null,
      status varchar, meter_wh double, last_updated timestamp not null);
    insert into charge_point_events values
      ('S|status|2024-01-03 00:00:00|Available', 'S', 'Status', '2024-01-03', 'Available', null, '2024-01-03'),
      ('S|meter|2024-01-01 00:00:00.5|12.5', 'S', 'meter', '2024-01-01 00:00:00.5', null, 12.5, '2024-01-02'),
      ('S|status|2024-01-03 00:00:00', 'S', 'status', '2024-01-03', 'Available', null, '2024-01-03'),
      ('A|B|status|2024-01-03 00:00:00', 'A|B', 'status', '2024-01-03', null, null, '2024-01-03'),
      ('own', 'S', 'meter', '2024-01-02', null, 1, '2024-01-02');`);
  const select =
    'select event_id, station_id, event_type, event_time, status, meter_wh, last_updated from charge_point_events order by rowid';
  const before = (await connection.runAndReadAll(select)).getRowsJson();
  connection.closeSync();
  instance.closeSync();
  const text = (cell: unknown): string => (cell === null ? '' : String(cell).replace(/(:\d\d)\.5$/, '$1.500'));
  expect(
    (await csv(db, select.replace('rowid', 'arrival_order'))).map((line) => line.replaceAll(/\.5(?=,|$)/g, '.500')),
  ).toEqual(
    before.map((row) =>
      row
        .map(text)
        .join(',')
        .replaceAll(/\.5(?=,|$)/g, '.500'),
    ),
  );
  const migrated = await DuckDBInstance.create(db);
  const reader = await migrated.connect();
  expect(
    (
      await reader.runAndReadAll('select event_id, last_updated is null from charge_point_events order by rowid')
    ).getRowsJson(),
  ).toEqual([
    [null, true],
    [null, false],
    ['S|status|2024-01-03 00:00:00', true],
    ['A|B|status|2024-01-03 00:00:00', true],
    ['own', true],
  ]);
  reader.closeSync();
  migrated.closeSync();
});
