import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openForReading, openForWriting, schemaVersion } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { expectedError, holdDatabase, killProcess } from './processes.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const sessions = `create table charging_sessions (session_id varchar not null, station_id varchar not null, start_time timestamp not null, "timestamp" timestamp not null)`;
const insert = (id: string): string =>
  `insert into charging_sessions values ('${id}', 'A', timestamp '2024-01-01', timestamp '2024-01-01')`;

const reading = async (path: string) => {
  const { duckdb, catalog } = await openEngine();
  await openForReading(duckdb, path, catalog);
  return duckdb;
};
const writing = async (path: string) => {
  const { duckdb, catalog } = await openEngine();
  await openForWriting(duckdb, path, catalog);
  return duckdb;
};

describe('held by another process', () => {
  test('it is locked by the named process, and free when that ends', async () => {
    const db = at('held.duckdb');
    const child = await holdDatabase(db, [sessions, insert('s1'), 'checkpoint']);
    for (const open of [reading, writing]) {
      const { kind, line } = await expectedError(open(db));
      expect(kind).toBe('database_locked');
      expect(line).toMatch(
        new RegExp(`^${db} is locked by process ${child.pid} \\(\\S+\\)\\. Wait until it ends, or stop it\\.$`),
      );
    }
    await killProcess(child);
    expect(await (await reading(db)).rows('select session_id from charging_sessions')).toEqual([{ session_id: 's1' }]);
  });

  test('also while its changes are only in the write-ahead log', async () => {
    const db = at('busy.duckdb');
    const child = await holdDatabase(db, [sessions, insert('s1')]);
    expect(existsSync(`${db}.wal`)).toBe(true);
    for (const open of [reading, writing])
      expect(await expectedError(open(db))).toMatchObject({
        kind: 'database_locked',
        line: expect.stringContaining(`process ${child.pid}`) as string,
      });
    expect(existsSync(`${db}.wal`)).toBe(true);
    await killProcess(child);
  });
});

describe('after a writer was killed', () => {
  test('readers see what it committed, and nothing else', async () => {
    const db = at('killed.duckdb');
    await killProcess(
      await holdDatabase(db, [sessions, insert('s1'), 'checkpoint', insert('s2'), 'begin transaction', insert('s3')]),
    );
    expect(existsSync(`${db}.wal`)).toBe(true);
    const duckdb = await reading(db);
    expect(await duckdb.rows('select session_id from charging_sessions order by session_id')).toEqual([
      { session_id: 's1' },
      { session_id: 's2' },
    ]);
    // The log is replayed, and the database is still read-only.
    expect(existsSync(`${db}.wal`)).toBe(false);
    await expect(duckdb.run(insert('s4').replace('into ', 'into db.main.'))).rejects.toThrow(/read-only/i);
  });

  test('before its first checkpoint', async () => {
    const db = at('young.duckdb');
    await killProcess(await holdDatabase(db, [sessions, insert('s1')]));
    expect(await (await reading(db)).rows('select session_id from charging_sessions')).toEqual([{ session_id: 's1' }]);
  });

  test('for the next writer too', async () => {
    const db = at('next.duckdb');
    await killProcess(await holdDatabase(db, [sessions, insert('s1')]));
    const duckdb = await writing(db);
    expect(await duckdb.rows('select session_id from charging_sessions')).toEqual([{ session_id: 's1' }]);
    expect(await duckdb.rows('select version from schema_version')).toEqual([{ version: schemaVersion }]);
  });

  test('the schema version may be in the log only', async () => {
    const db = at('later.duckdb');
    await killProcess(
      await holdDatabase(db, [
        sessions,
        'checkpoint',
        'create table schema_version (version integer)',
        'insert into schema_version values (99)',
      ]),
    );
    expect(await expectedError(reading(db))).toMatchObject({
      kind: 'failed',
      line: expect.stringContaining('schema version 99') as string,
    });
  });
});
