import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { openForReading, openForWriting } from '../../src/warehouse/database.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { ensureColumns } from '../../src/warehouse/tables.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';

const folder = scratch();
const [db, csv, out, other] = [
  join(folder, 'x.duckdb'),
  join(folder, 'secret.csv'),
  join(folder, 'out'),
  join(folder, 'other.duckdb'),
];
writeFileSync(csv, 'a\nsecret\n');

const writer = await DuckDb.open();
await openForWriting(writer, db, await Catalog.open(writer));
await ensureColumns(
  writer,
  'charging_sessions',
  (await writer.tableColumns('charging_sessions')).map(({ name }) => name),
);
await writer.run(
  `insert into charging_sessions (session_id, station_id, start_time, "timestamp") values ('s1', 'A', timestamp '2024-01-01', timestamp '2024-01-01')`,
);
await writer.close();

const { duckdb, catalog } = await openEngine();
await openForReading(duckdb, db, catalog);

describe('a read-only connection has no access to other files', () => {
  test.each([
    `select * from read_csv('${csv}')`,
    `from '${csv}'`,
    `select content from read_text('${csv}')`,
    `select content from read_blob('${csv}')`,
    `select * from read_json('${csv}')`,
    `select * from read_parquet('${csv}')`,
    `select * from glob('${folder}/*')`,
    `copy charging_sessions to '${out}'`,
    `copy (select 1) to '${out}' (format parquet)`,
    `copy charging_sessions from '${csv}'`,
    `export database '${out}'`,
    `import database '${out}'`,
    `attach '${other}' as other`,
    'install httpfs',
    "load 'any.duckdb_extension'",
  ])('%s', async (sql) => {
    await expect(duckdb.run(sql)).rejects.toThrow(
      /Permission|disabled|not allowed|external access|configuration|already attached/i,
    );
    expect([existsSync(out), existsSync(other)]).toEqual([false, false]);
  });
});

describe('its settings are locked', () => {
  test.each([
    'set enable_external_access = true',
    'set lock_configuration = false',
    'reset lock_configuration',
    "set global memory_limit = '1GB'",
    "set temp_directory = '/tmp'",
    "pragma temp_directory = '/tmp'",
    "set secret_directory = '/tmp'",
    'set threads = 1',
  ])('%s', async (sql) => {
    await expect(duckdb.run(sql)).rejects.toThrow(/lock|cannot|configuration|disabled/i);
  });
});

describe('the file is read-only', () => {
  test.each([
    "insert into db.main.charging_sessions (session_id, station_id, start_time, \"timestamp\") values ('s2', 'A', timestamp '2024-01-01', timestamp '2024-01-01')",
    "update charging_sessions set user_id = 'x'",
    'delete from charging_sessions',
    'truncate charging_sessions',
    'drop table charging_sessions',
    'alter table charging_sessions add column x integer',
    'create table db.main.x (a integer)',
    'create table x (a integer)',
    'create view db.main.v as select 1',
    'create schema db.s',
    'delete from quarantine',
  ])('%s', async (sql) => {
    await expect(duckdb.run(sql)).rejects.toThrow(/read-only/i);
  });
});

/** A restricted connection can still write the log of an attached file and its temporary folder, so only selects are allowed. */
describe('wattduck sql writes nothing', () => {
  mkdirSync(`${db}.tmp`);
  test.each([
    ['into the log beside the file', `${db}.wal`],
    ['into the temporary folder', `${db}.tmp/x.csv`],
    ['over the file itself', db],
    ['elsewhere', out],
  ])('%s', async (_, path) => {
    const before = readFileSync(db);
    const { status, stdout } = await wattduck(['sql', `copy (select 1 as a) to '${path}' (format csv)`, '--db', db]);
    const written = path !== db && existsSync(path);
    rmSync(path === db ? out : path, { force: true });
    expect([status, stdout, written]).toEqual([2, '', false]);
    expect(readFileSync(db).equals(before)).toBe(true);
  });
});

test('afterwards the data is unchanged', async () => {
  expect(await duckdb.rows('select session_id, user_id from charging_sessions')).toEqual([
    { session_id: 's1', user_id: null },
  ]);
});
