import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck, type CliResult } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const db = at('network.duckdb');
const backUp = (file: string, ...options: string[]): Promise<CliResult> =>
  wattduck(['backup', file, '--db', db, ...options]);
const usage = async (path: string): Promise<string> =>
  (await wattduck(['report', 'user-usage', '--format', 'csv', '--db', path])).stdout;

/** Definitions of all tables with their rows, sorted, as text. */
async function contentsOf(path: string): Promise<string[]> {
  const duckdb = await DuckDb.open();
  try {
    await duckdb.run(`attach '${path}' as db (read_only)`);
    const tables = await duckdb.rows("select table_name as name, sql from duckdb_tables() where database_name = 'db'");
    const contents = [];
    for (const { name, sql } of tables) {
      const rows = await duckdb.rows(`select t::varchar as row from db.main.${String(name)} as t order by all`);
      contents.push([String(sql), ...rows.map(({ row }) => String(row))].join('\n'));
    }
    return contents.toSorted();
  } finally {
    await duckdb.close();
  }
}

beforeAll(async () => {
  const files = ['test/reports/data/depot', 'test/reports/data/dozen', 'test/reports/data/lobby'];
  await importFiles(files, db);
  expect((await wattduck(['token', 'create', 'dashboard', '--db', db])).status).toBe(0);
  expect((await wattduck(['issues', 'ack', 'dep_open', '--db', db])).status).toBe(0);
});

test('a backup has every table, row and definition, is private and leaves nothing else', async () => {
  const before = readdirSync(folder);
  const { status, stdout, stderr } = await backUp(at('copy.duckdb'));
  const rows = (await contentsOf(db)).flatMap((table) => table.split('\n').slice(1)).length;
  const tables = (await contentsOf(db)).length;
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^\S+: [\d,]+ rows in \d+ tables copied to \S+ \(\d+\.\d MB\)\n$/);
  expect(stdout).toContain(`: ${rows.toLocaleString('en-US')} rows in ${tables} tables copied`);
  expect(await contentsOf(at('copy.duckdb'))).toEqual(await contentsOf(db));
  expect(statSync(at('copy.duckdb')).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).toSorted()).toEqual([...before, 'copy.duckdb'].toSorted());
});

test('a restored backup is a database: reports, tokens and imports work as before', async () => {
  expect((await backUp(at('yesterday.duckdb'))).status).toBe(0);
  const restored = at('restored.duckdb');
  copyFileSync(at('yesterday.duckdb'), restored);
  expect(await usage(restored)).toBe(await usage(db));
  const tokens = await wattduck(['token', 'list', '--format', 'csv', '--columns', 'name,scopes', '--db', restored]);
  expect(tokens.stdout).toBe('name,scopes\ndashboard,read\n');
  // Files that were imported are known, and new rows update the old ones.
  const again = await wattduck(['ingest', 'test/reports/data/dozen/dozen.csv', '--db', restored]);
  expect(again.stdout).toContain('already imported');
  const header = readFileSync('test/reports/data/dozen/dozen.csv', 'utf8').split('\n')[0]!;
  writeFileSync(at('more.csv'), `${header}\n`);
  writeFileSync(at('new.csv'), 'session_id,station_id,start_time\nbrand_new,st_1,2025-01-01 00:00:00\n');
  const more = await wattduck(['ingest', at('new.csv'), '--db', restored]);
  expect(more.stdout).toContain('1 row read = 1 new');
  expect((await wattduck(['doctor', '--db', restored])).status).toBe(0);
});

test('an existing file is replaced only with --force, and only if it is a database that is not in use', async () => {
  const copy = at('weekly.duckdb');
  expect((await backUp(copy)).status).toBe(0);
  const refused = await backUp(copy);
  expect([refused.status, refused.stderr]).toEqual([
    1,
    `error: ${copy} already exists. Choose another file, or replace it with --force.\n`,
  ]);
  const old = statSync(copy).ino;
  expect((await backUp(copy, '--force')).status).toBe(0);
  expect(statSync(copy).ino).not.toBe(old);

  writeFileSync(`${copy}.wal`, 'x');
  const inUse = await backUp(copy, '--force');
  expect([inUse.status, inUse.stderr]).toEqual([
    1,
    `error: ${copy} is not replaced: it has a log (.wal), so it may be in use. Choose another file.\n`,
  ]);
  writeFileSync(at('letter.txt'), 'Dear customer,\n');
  const letter = await backUp(at('letter.txt'), '--force');
  expect([letter.status, letter.stderr]).toEqual([
    1,
    `error: ${at('letter.txt')} is not replaced: it is not a DuckDB database. Choose another file.\n`,
  ]);
  expect(readFileSync(at('letter.txt'), 'utf8')).toBe('Dear customer,\n');
});

test('the database itself is never replaced, by no name', async () => {
  symlinkSync(db, at('link.duckdb'));
  mkdirSync(at('below'), { recursive: true });
  for (const name of [db, at('link.duckdb'), at('below/../network.duckdb')]) {
    const { status, stderr } = await backUp(name, '--force');
    expect([status, stderr]).toEqual([2, `error: ${name} is the database itself. Choose another file.\n`]);
  }
});

test('a link to a database is kept, and the file it names replaced', async () => {
  expect((await backUp(at('real.duckdb'))).status).toBe(0);
  symlinkSync(at('real.duckdb'), at('latest.duckdb'));
  expect((await backUp(at('latest.duckdb'), '--force')).status).toBe(0);
  expect(await usage(at('latest.duckdb'))).toBe(await usage(db));
  symlinkSync(at('nowhere.duckdb'), at('dangling.duckdb'));
  expect((await backUp(at('dangling.duckdb'), '--force')).stderr).toContain('it is a link to a missing file');
});

test.each([
  ['a folder', '.', 2, 'is a folder, expected a file'],
  ['a missing folder', 'none/x.duckdb', 1, 'file or folder not found'],
  ['a file as a folder', 'network.duckdb/x.duckdb', 2, 'part of the path is a file'],
])('%s cannot be written', async (_, name, status, message) => {
  const result = await backUp(at(name));
  expect([result.status, result.stdout, result.stderr]).toEqual([status, '', expect.stringContaining(message)]);
});

test('a missing database has no backup, and none is made', async () => {
  const { status, stderr } = await wattduck(['backup', at('of-none.duckdb'), '--db', at('none.duckdb')]);
  expect([status, stderr]).toEqual([1, expect.stringContaining('none.duckdb not found')]);
  expect([existsSync(at('of-none.duckdb')), existsSync(at('none.duckdb'))]).toEqual([false, false]);
});
