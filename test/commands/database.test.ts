import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { schemaVersion } from '../../src/warehouse/database.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { holdDatabase, killProcess } from '../warehouse/processes.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const dozen = 'test/reports/data/dozen/dozen.csv';
const ingest = (db: string, file = dozen) => wattduck(['ingest', file, '--db', db, '--wait', '0']);
const report = (db: string) => wattduck(['report', 'get-sessions', '--db', db, '--wait', '0']);

describe('a database that cannot be opened gives one clear line', () => {
  test.each([['report get-sessions'], ['quarantine clear --all'], ['quarantine retry'], ['issues ack iss_1']])(
    'a missing database: %s',
    async (command) => {
      const { status, stderr } = await wattduck([...command.split(' '), '--db', at('none.duckdb')]);
      expect(existsSync(at('none.duckdb'))).toBe(false);
      expect([status, stderr]).toEqual([
        1,
        `error: database ${at('none.duckdb')} not found. Create it with \`wattduck ingest FILE\`, or choose another with --db.\n`,
      ]);
    },
  );

  test.each([
    ['text', 'no database at all'],
    ['nothing', ''],
  ])('%s instead of a database', async (name, content) => {
    writeFileSync(at(name), content);
    for (const run of [report, ingest]) {
      const { status, stderr } = await run(at(name));
      expect([status, stderr]).toEqual([
        1,
        `error: ${at(name)} is not a DuckDB database. Choose another file with --db.\n`,
      ]);
    }
  });

  test('a folder', async () => {
    expect((await report(folder)).stderr).toBe(
      `error: ${folder} is a folder without a manifest.json. Choose a database file, or a folder that \`wattduck export --parquet\` wrote.\n`,
    );
  });

  test('in a missing folder', async () => {
    const { status, stderr } = await ingest(at('no/such/x.duckdb'));
    expect([status, stderr]).toEqual([
      1,
      `error: ${at('no/such/x.duckdb')}: file or folder not found. Check the path.\n`,
    ]);
  });

  test('of a newer wattduck', async () => {
    const db = at('newer.duckdb');
    await ingest(db);
    execaSync('node', [
      '-e',
      `import('@duckdb/node-api').then(async ({ DuckDBInstance }) => {
      const connection = await (await DuckDBInstance.create(${JSON.stringify(db)})).connect();
      await connection.run('update schema_version set version = 999'); connection.closeSync(); })`,
    ]);
    for (const run of [report, ingest])
      expect((await run(db)).stderr).toBe(
        `error: ${db} has schema version 999, but this wattduck supports version ${schemaVersion}. Update wattduck.\n`,
      );
  });
});

describe('another process', () => {
  test('that locks the file is named', async () => {
    const db = at('held.duckdb');
    await ingest(db);
    const child = await holdDatabase(db);
    for (const run of [report, ingest]) {
      const { status, stderr } = await run(db);
      expect(status).toBe(5);
      expect(stderr).toMatch(
        new RegExp(
          `^error: ${db} is locked by process ${child.pid} \\(\\S+\\)\\. Wait until it ends, or stop it\\.\n$`,
        ),
      );
    }
    await killProcess(child);
    expect((await report(db)).status).toBe(0);
  });

  test('that was killed after a commit leaves its rows', async () => {
    const db = at('killed.duckdb');
    await ingest(db);
    const child = await holdDatabase(db, ["update charging_sessions set user_id = 'changed' where session_id = 's01'"]);
    await killProcess(child);
    expect(existsSync(`${db}.wal`)).toBe(true);
    const { stdout } = await wattduck([
      'report',
      'get-sessions',
      '--user-id',
      'changed',
      '--db',
      db,
      '--format',
      'csv',
      '--columns',
      'session_id',
    ]);
    expect(stdout).toBe('session_id\ns01\n');
  });
});

/** A small disk for the test, if the system allows one. */
function mounted(name: string, options: string): string | undefined {
  mkdirSync(at(name));
  return execaSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at(name)], { reject: false }).exitCode === 0
    ? at(name)
    : undefined;
}
const small = mounted('small', 'size=3m');
const sealed = mounted('sealed', 'ro,size=1m');
afterAll(() => {
  for (const disk of [small, sealed]) if (disk) execaSync('umount', [disk], { reject: false });
});

describe.skipIf(!small || !sealed)('a disk (needs leave to mount one)', () => {
  test('a full disk is reported, and existing data stays', async () => {
    const db = join(small!, 'x.duckdb');
    expect((await ingest(db)).status).toBe(0);
    const large = at('large.csv');
    const row = (n: number): string =>
      `big-${n}-${Math.imul(n, 2654435761)},A,2024-01-01 00:00:00,${Math.imul(n, 40503)}\n`;
    writeFileSync(
      large,
      `session_id,station_id,start_time,user_id\n${Array.from({ length: 400_000 }, (_, n) => row(n)).join('')}`,
    );
    const { status, stdout, stderr } = await ingest(db, large);
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      `error: ${db}: disk full. Free some space and run the command again; no changes were made.\n`,
    ]);
    expect(
      (await wattduck(['sql', 'select count(*) as n from charging_sessions', '--db', db, '--format', 'csv'])).stdout,
    ).toBe('n\n12\n');
  });

  test('a read-only disk is reported', async () => {
    const db = join(sealed!, 'x.duckdb');
    const { status, stderr } = await ingest(db);
    expect([status, stderr]).toEqual([
      4,
      `error: ${db}: permission denied. Check who owns the file and its folder, or choose another path.\n`,
    ]);
  });
});
