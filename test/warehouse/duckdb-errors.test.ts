import { describe, expect, test } from 'vitest';
import { errorKinds } from '../../src/errors/kinds.ts';
import { toFileError } from '../../src/errors/system-error.ts';
import { WattduckError } from '../../src/errors/wattduck-error.ts';
import { duckdbError, isStatementError, shortMessage } from '../../src/warehouse/duckdb-errors.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { openEngine } from '../support/duckdb.ts';

describe('errors about files, locks and memory', () => {
  test.each([
    [
      'IO Error: Could not set lock on file "/d/x.duckdb": Conflicting lock is held in /usr/bin/node (PID 4711) by user root.',
      'database_locked',
      'x.duckdb is locked by process 4711 (/usr/bin/node). Wait until it ends, or stop it.',
    ],
    [
      'IO Error: Could not set lock on file "/d/x.duckdb": Resource temporarily unavailable',
      'database_locked',
      'x.duckdb is locked by another process. Wait until it ends, or stop it.',
    ],
    [
      'IO Error: Could not write all bytes to file "/d/x.duckdb.wal": No space left on device',
      'failed',
      'x.duckdb: disk full. Free some space and run the command again; no changes were made.',
    ],
    [
      'IO Error: Cannot open file "/d/x.duckdb": Permission denied',
      'forbidden',
      'x.duckdb: permission denied. Check who owns the file and its folder, or choose another path.',
    ],
    [
      'IO Error: The file "/d/x.duckdb" exists, but it is not a valid DuckDB database file!',
      'failed',
      'x.duckdb is not a DuckDB database. Choose another file with --db.',
    ],
    [
      'IO Error: Trying to read a database file with version number 99, but we can only read versions between 64 and 67.',
      'failed',
      'x.duckdb was written by another version of DuckDB. Update wattduck, or export the data with the other version and import it here.',
    ],
    ['INTERRUPT Error: Interrupted!', 'interrupted', 'interrupted; no changes were made'],
    [
      'Out of Memory Error: failed to pin block of size 256.0 KiB',
      'failed',
      'DuckDB ran out of memory. Raise the limit with --memory-limit, for example 8GB.',
    ],
  ])('%s', (message, kind, line) => {
    const cause = new Error(message);
    const found = duckdbError(cause, 'x.duckdb') as WattduckError;
    expect([found.kind, found.fullMessage, found.cause]).toEqual([kind, line, cause]);
  });

  test('any other error is returned unchanged', () => {
    const error = new Error('Binder Error: Referenced column "x" not found');
    expect(duckdbError(error, 'x.duckdb')).toBe(error);
  });

  test('a real out-of-memory error', async () => {
    const duckdb = await DuckDb.open('20MB');
    await duckdb.run("set temp_directory = ''");
    const error = await duckdb
      .rows("select count(*) as n from (select distinct i, i || 'x' as t from (select unnest(range(3000000)) as i))")
      .catch((each: unknown) => each);
    await duckdb.close();
    expect(duckdbError(error, 'x.duckdb')).toMatchObject({ kind: 'failed', message: 'DuckDB ran out of memory' });
  });
});

describe('errors of statements', () => {
  test('are recognised, with a plain first line', async () => {
    const { duckdb } = await openEngine();
    const fault = async (sql: string): Promise<unknown> => duckdb.rows(sql).catch((error: unknown) => error);
    const column = (await fault('select x from charging_sessions')) as Error;
    expect([isStatementError(column), shortMessage(column)]).toEqual([
      true,
      'Referenced column "x" not found in FROM clause',
    ]);
    for (const sql of [
      'selec 1',
      'select * from nowhere',
      "select 'x'::bigint",
      'select 9223372036854775807 + 1',
      'select nofunction(1)',
    ]) {
      expect(isStatementError(await fault(sql)), sql).toBe(true);
    }
    expect(isStatementError(new Error('IO Error: disk gone'))).toBe(false);
    expect(isStatementError('text')).toBe(false);
  });
});

describe('errors of the file system', () => {
  test.each([
    ['ENOENT', 'not_found', 1, 'f: file or folder not found. Check the path.'],
    ['EISDIR', 'usage', 2, 'f: is a folder, expected a file'],
    ['EACCES', 'forbidden', 4, 'f: permission denied. Check who owns the file and its folder, or choose another path.'],
    ['ENOSPC', 'failed', 1, 'f: disk full. Free some space and run the command again; no changes were made.'],
  ])('%s', (code, kind, exit, line) => {
    const found = toFileError(Object.assign(new Error('x'), { code }), 'f') as WattduckError;
    expect([found.kind, found.exit, found.fullMessage]).toEqual([kind, exit, line]);
  });

  test('others are returned unchanged', () => {
    const error = new Error('x');
    expect(toFileError(error, 'f')).toBe(error);
    expect(toFileError(undefined, 'f')).toBe(undefined);
  });

  test('every kind has its exit status', () => {
    const statuses = Object.entries(errorKinds).map(([kind, { exit }]) => `${kind} ${exit}`);
    expect(statuses).toEqual([
      'usage 2',
      'not_found 1',
      'failed 1',
      'conflict 1',
      'rejected 3',
      'forbidden 4',
      'database_locked 5',
      'interrupted 130',
      'unauthorized 4',
      'method_not_allowed 2',
      'timeout 1',
      'payload_too_large 1',
      'unsupported_media_type 2',
      'too_many_requests 1',
      'unavailable 1',
    ]);
  });
});
