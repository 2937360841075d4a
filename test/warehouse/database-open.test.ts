import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { openForReading, openForWriting, schemaVersion } from '../../src/warehouse/database.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { expectedError } from './processes.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);

const reading = async (path: string) => {
  const opened = await openEngine();
  await openForReading(opened.duckdb, path, opened.catalog);
  return opened;
};
const writing = async (path: string) => {
  const opened = await openEngine();
  await openForWriting(opened.duckdb, path, opened.catalog);
  return opened;
};

/** Opens the database for writing and closes it again. */
async function writingOnce(path: string, sql = 'select 1'): Promise<void> {
  const duckdb = await DuckDb.open();
  await openForWriting(duckdb, path, await Catalog.open(duckdb));
  await duckdb.run(sql);
  await duckdb.close();
}

/** Creates a database file with DuckDB, without wattduck. */
async function make(path: string, statements: readonly string[]): Promise<string> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
  return path;
}

const foreign = (path: string) => ({
  kind: 'failed',
  line: `${path} is not a DuckDB database. Choose another file with --db.`,
});

describe('files that are not databases', () => {
  test('a missing file is an error for readers and is created by writers', async () => {
    expect(await expectedError(reading(at('none.duckdb')))).toEqual({
      kind: 'not_found',
      line: `database ${at('none.duckdb')} not found. Create it with \`wattduck ingest FILE\`, or choose another with --db.`,
    });
    expect(existsSync(at('none.duckdb'))).toBe(false);
    await writing(at('made.duckdb'));
    expect(existsSync(at('made.duckdb'))).toBe(true);
  });

  test.each([
    ['text.duckdb', 'session_id,station_id\ns1,A\n'],
    ['empty.duckdb', ''],
    ['short.duckdb', 'DUCK'],
    ['zeros.duckdb', '\0'.repeat(8192)],
    ['sqlite.duckdb', 'SQLite format 3\0'],
  ])('%s', async (name, content) => {
    writeFileSync(at(name), content);
    expect(await expectedError(reading(at(name)))).toEqual(foreign(at(name)));
    expect(await expectedError(writing(at(name)))).toEqual(foreign(at(name)));
    // The file is unchanged.
    expect(statSync(at(name)).size).toBe(content.length);
  });

  test('a truncated database is an expected failure', async () => {
    writeFileSync(at('cut.duckdb'), Buffer.concat([Buffer.alloc(8), Buffer.from('DUCK'), Buffer.alloc(100)]));
    expect(await expectedError(reading(at('cut.duckdb')))).toMatchObject({
      kind: 'failed',
      line: expect.stringContaining(at('cut.duckdb')) as string,
    });
  });

  test('a folder', async () => {
    mkdirSync(at('folder.duckdb'));
    const expected = { kind: 'usage', line: `${at('folder.duckdb')}: is a folder, expected a file` };
    expect(await expectedError(reading(at('folder.duckdb')))).toEqual({
      kind: 'usage',
      line: `${at('folder.duckdb')} is a folder without a manifest.json. Choose a database file, or a folder that \`wattduck export --parquet\` wrote.`,
    });
    expect(await expectedError(writing(at('folder.duckdb')))).toEqual(expected);
  });

  test('a path through a missing folder, or through a file', async () => {
    expect(await expectedError(writing(at('no/such.duckdb')))).toEqual({
      kind: 'not_found',
      line: `${at('no/such.duckdb')}: file or folder not found. Check the path.`,
    });
    writeFileSync(at('plain'), '');
    expect((await expectedError(writing(at('plain/x.duckdb')))).kind).not.toBe('unexpected');
  });
});

describe('the schema version', () => {
  test('is written to a new database', async () => {
    const { duckdb } = await writing(at('new.duckdb'));
    expect(await duckdb.rows('select version from db.main.schema_version')).toEqual([{ version: schemaVersion }]);
  });

  test('a newer version is rejected by readers and writers', async () => {
    const path = await make(at('newer.duckdb'), [
      'create table schema_version (version integer not null)',
      `insert into schema_version values (${schemaVersion}), (${schemaVersion + 1})`,
    ]);
    const expected = {
      kind: 'failed',
      line: `${path} has schema version ${schemaVersion + 1}, but this wattduck supports version ${schemaVersion}. Update wattduck.`,
    };
    expect(await expectedError(reading(path))).toEqual(expected);
    expect(await expectedError(writing(path))).toEqual(expected);
  });
});

describe('missing tables', () => {
  test('are empty for readers', async () => {
    const path = await make(at('bare.duckdb'), ['create table other (x integer)']);
    const { duckdb, catalog } = await reading(path);
    const { rows, total } = await runReport(
      duckdb,
      await catalog.report('user_usage'),
      {},
      { now: new Date(0), label: (name) => name },
    );
    expect([rows, total]).toEqual([[], 0]);
    expect(await duckdb.rows('select count(*) as n from quarantine')).toEqual([{ n: 0 }]);
    expect(await duckdb.rows("select table_name from duckdb_tables() where database_name = 'db'")).toEqual([
      { table_name: 'other' },
    ]);
  });

  test('are created by writers, without changes to existing tables', async () => {
    const path = await make(at('old.duckdb'), [
      "create table ingests as select 7::bigint as ingest_id, 'kept' as source",
    ]);
    const { duckdb } = await writing(path);
    expect(await duckdb.rows('select * from db.main.ingests')).toEqual([{ ingest_id: 7, source: 'kept' }]);
    const { tables } = await duckdb.row(
      "select string_agg(table_name, ',') as tables from (select table_name from duckdb_tables() where database_name = 'db' order by 1)",
    );
    expect(String(tables).split(',')).toEqual([
      'heartbeat_days',
      'ingests',
      'issue_acknowledgements',
      'quarantine',
      'requests',
      'resolved_issues',
      'schema_version',
      'tokens',
    ]);
  });

  test('opening for writing twice changes nothing', async () => {
    for (const _ of [1, 2]) await writingOnce(at('twice.duckdb'));
    const { duckdb } = await reading(at('twice.duckdb'));
    expect(await duckdb.rows('select version from schema_version')).toEqual([{ version: schemaVersion }]);
  });
});

test('a path may contain quotes and spaces', async () => {
  const path = at('o\'brien & "co" ;.duckdb');
  await writingOnce(path, 'insert into schema_version values (0)');
  const { duckdb: reader } = await reading(path);
  expect(await reader.rows('select count(*) as n from schema_version')).toEqual([{ n: 2 }]);
});
