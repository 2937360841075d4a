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

/** A database as the first schema version left it. */
async function older(): Promise<string> {
  const path = join(folder, `old-${(made += 1)}.duckdb`);
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(readFileSync('test/warehouse/schema-1.sql', 'utf8'));
  connection.closeSync();
  instance.closeSync();
  return path;
}
const csv = async (db: string, sql: string): Promise<string[]> =>
  (await wattduck(['sql', sql, '--db', db, '--format', 'csv'])).stdout.trim().split('\n').slice(1);

test('a reader brings an older file up to date, and everything in it stays', async () => {
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

test('a writer too, and numbers of quarantined rows go on from there', async () => {
  const db = await older();
  const path = join(folder, 'new.csv');
  writeFileSync(path, 'session_id,station_id,start_time,energy_kwh\nb,S,2025-01-03 00:00:00,9\nz,S,never,1\n');
  expect((await wattduck(['ingest', path, '--db', db])).stdout).toContain(
    '2 rows read = 0 new + 1 updated + 0 unchanged + 1 rejected',
  );
  expect(await csv(db, 'select quarantine_id, file from quarantine order by 1')).toEqual([
    '1,old.csv',
    '2,old.csv',
    `3,${path}`,
  ]);
  expect(await csv(db, 'select session_id, energy_kwh from charging_sessions order by 1')).toEqual(['a,1', 'b,9']);
});

test('rows an older wattduck quarantined say why they can not be read again', async () => {
  const { status, stderr } = await wattduck(['quarantine', 'retry', '--db', await older()]);
  expect([status, stderr]).toEqual([
    1,
    'error: old.csv: imported by an older wattduck, which did not store how it was read. Import it again with `wattduck ingest --force old.csv`.\n',
  ]);
});

test('a migration that fails half-way leaves the older file as it was', async () => {
  const db = await older();
  const duckdb = await DuckDb.open();
  const catalog = await Catalog.open(duckdb);
  const broken = Object.assign(Object.create(catalog) as Catalog, {
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

test('an older file no one may write is one clear line', async () => {
  const db = await older();
  chmodSync(db, 0o444);
  const { status, stderr } = await wattduck(['ingests', '--db', db]);
  // The superuser may write it all the same.
  if (process.getuid?.() === 0) expect(status).toBe(0);
  else expect([status, stderr]).toEqual([4, expect.stringMatching(/^error: \S+: no permission[^\n]+\n$/)]);
});
