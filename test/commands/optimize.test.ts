import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const at = (...names: string[]): string => join(folder, ...names);
const filled = at('filled.duckdb');

let copies = 0;
/** A copy of the filled database, alone in a folder. */
function fresh(): { home: string; db: string } {
  const home = at(`home-${(copies += 1)}`);
  mkdirSync(home);
  copyFileSync(filled, join(home, 'x.duckdb'));
  return { home, db: join(home, 'x.duckdb') };
}

/** Opens a database in a DuckDB of its own. */
async function withDatabase<T>(path: string, work: (duckdb: DuckDb) => Promise<T>): Promise<T> {
  const duckdb = await DuckDb.open();
  try {
    await duckdb.run(`attach '${path}' as db`);
    return await work(duckdb);
  } finally {
    await duckdb.close();
  }
}

/** Definitions of all tables with their rows, sorted, as text. */
const contentsOf = (path: string): Promise<string[]> =>
  withDatabase(path, async (duckdb) => {
    const contents = [];
    for (const { name, sql } of await duckdb.rows(
      "select table_name as name, sql from duckdb_tables() where database_name = 'db'",
    )) {
      const rows = await duckdb.rows(`select t::varchar as row from db.main.${String(name)} as t order by all`);
      contents.push([String(sql), ...rows.map(({ row }) => String(row))].join('\n'));
    }
    return contents.toSorted();
  });

/** Values of a column in the order of the file. */
const column = (path: string, table: string, name: string): Promise<string[]> =>
  withDatabase(path, async (duckdb) =>
    (await duckdb.rows(`select ${name}::varchar as value from db.main.${table}`)).map(({ value }) => String(value)),
  );

beforeAll(async () => {
  const files = ['test/reports/data/depot', 'test/reports/data/dozen', 'test/reports/data/lobby'];
  expect((await wattduck(['ingest', ...files, '--db', filled])).status).toBe(0);
  // The newest day comes first, and events of one second in an order of arrival that is not that of their IDs.
  const events = ['event_id,station_id,event_type,event_time,status'];
  for (const day of ['03', '01', '02'])
    for (const id of ['c', 'a', 'd', 'b']) events.push(`${day}${id},S1,status,2030-01-${day} 00:00:00,st_${id}`);
  for (const day of ['03', '01', '02']) events.push(`,S1,heartbeat,2030-01-${day} 00:00:00,`);
  writeFileSync(at('events.csv'), `${events.join('\n')}\n`);
  writeFileSync(at('bad.csv'), 'session_id,station_id,start_time\nbad,S1,yesterday\n');
  for (const file of ['events.csv', 'bad.csv'])
    expect((await wattduck(['ingest', at(file), '--db', filled])).status).toBe(0);
  expect((await wattduck(['token', 'create', 'dashboard', '--db', filled])).status).toBe(0);
  expect((await wattduck(['issues', 'ack', 'dep_open', '--db', filled])).status).toBe(0);
});

test('every row of every table is kept, in time order, and nothing else is left', async () => {
  const { home, db } = fresh();
  const { status, stdout, stderr } = await wattduck(['optimize', '--db', db]);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(
    /^\S+: [\d,]+ rows in \d+ tables rewritten in time order \(\d+\.\d MB, before \d+\.\d MB\)\n$/,
  );
  expect(await contentsOf(db)).toEqual(await contentsOf(filled));
  for (const [table, name] of [
    ['charging_sessions', 'start_time'],
    ['charge_point_events', 'event_time'],
    ['heartbeat_days', 'day'],
    ['charge_points', 'station_id'],
  ] as const) {
    const values = await column(db, table, name);
    expect(values, table).toEqual(values.toSorted());
    expect(values.length).toBeGreaterThan(1);
  }
  expect(readdirSync(home)).toEqual(['x.duckdb']);
});

test('events of one time keep their order of arrival, before and after further imports', async () => {
  const { home, db } = fresh();
  expect((await wattduck(['optimize', '--db', db])).status).toBe(0);
  const more = ['z', 'e', 'y'].map((id) => `03${id},S1,status,2030-01-03 00:00:00,st_${id}`);
  writeFileSync(join(home, 'more.csv'), `event_id,station_id,event_type,event_time,status\n${more.join('\n')}\n`);
  expect((await wattduck(['ingest', join(home, 'more.csv'), '--db', db])).status).toBe(0);
  const byArrival = async (): Promise<string[]> => {
    const { stdout } = await wattduck([
      'sql',
      "select event_id from charge_point_events where station_id = 'S1' and event_type = 'status' order by event_time, arrival_order",
      '--db',
      db,
      '--format',
      'csv',
    ]);
    return stdout.trim().split('\n').slice(1);
  };
  const expected = ['01', '02', '03'].flatMap((day) => ['c', 'a', 'd', 'b'].map((id) => day + id));
  expect(await byArrival()).toEqual([...expected, '03z', '03e', '03y']);
  expect((await wattduck(['optimize', '--db', db])).status).toBe(0);
  expect(await byArrival()).toEqual([...expected, '03z', '03e', '03y']);
});

test('reports, tokens, known files and the quarantine work as before', async () => {
  const { db } = fresh();
  expect((await wattduck(['optimize', '--db', db])).status).toBe(0);
  for (const args of [
    ['report', 'user-usage', '--format', 'csv'],
    ['report', 'live-status', '--charge-point-id', 'S1', '--as-of', '2030-01-04', '--json'],
    ['token', 'list', '--format', 'csv'],
    ['quarantine', 'list', '--format', 'csv'],
    ['issues', 'list', '--format', 'csv'],
  ]) {
    const [before, after] = [await wattduck([...args, '--db', filled]), await wattduck([...args, '--db', db])];
    expect(after).toEqual(before);
  }
  const again = await wattduck(['ingest', 'test/reports/data/dozen/dozen.csv', '--db', db]);
  expect(again.stdout).toContain('already imported');
});

test('the mode of the file, a link to it and its owner are kept', async () => {
  const { home, db } = fresh();
  chmodSync(db, 0o640);
  if (process.getuid?.() === 0) chownSync(db, 1234, 1235);
  const { uid, gid, ino } = statSync(db);
  symlinkSync('x.duckdb', join(home, 'link.duckdb'));
  const { status, stdout } = await wattduck(['optimize', '--db', join(home, 'link.duckdb')]);
  expect([status, stdout]).toEqual([0, expect.stringMatching(/link\.duckdb: .* rewritten/)]);
  expect(lstatSync(join(home, 'link.duckdb')).isSymbolicLink()).toBe(true);
  expect(statSync(db).ino).not.toBe(ino);
  expect([statSync(db).mode & 0o7777, statSync(db).uid, statSync(db).gid]).toEqual([0o640, uid, gid]);
  expect(await contentsOf(db)).toEqual(await contentsOf(filled));
});

test('a dry run writes nothing', async () => {
  const { home, db } = fresh();
  const before = statSync(db, { bigint: true });
  const { status, stdout, stderr } = await wattduck(['optimize', '--dry-run', '--db', db]);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^\S+x\.duckdb: dry run \(\d+\.\d MB\); nothing was written\n$/);
  const after = statSync(db, { bigint: true });
  expect([after.ino, after.mtimeNs, after.size]).toEqual([before.ino, before.mtimeNs, before.size]);
  expect(readdirSync(home)).toEqual(['x.duckdb']);
});

test('views, indexes, macros and tables of the user are kept', async () => {
  const { db } = fresh();
  await withDatabase(db, async (duckdb) => {
    await duckdb.run('create schema db.mine');
    await duckdb.run('create table db.mine."my notes" (id integer primary key, "the text" varchar default \'none\')');
    await duckdb.run("insert into db.mine.\"my notes\" values (2, 'two'), (1, 'one')");
    await duckdb.run('create index by_text on db.mine."my notes" ("the text")');
    await duckdb.run('create view db.mine.notes as from db.mine."my notes"');
    await duckdb.run('create macro db.mine.twice(n) as 2 * n');
  });
  expect(await wattduck(['optimize', '--db', db])).toMatchObject({ status: 0, stderr: '' });
  await withDatabase(db, async (duckdb) => {
    expect(await duckdb.rows('select id, "the text" as text, db.mine.twice(id) as double from db.mine.notes')).toEqual([
      { id: 2, text: 'two', double: 4 },
      { id: 1, text: 'one', double: 2 },
    ]);
    await expect(duckdb.run('insert into db.mine."my notes" values (1, \'again\')')).rejects.toThrow(/primary key/i);
    expect(await duckdb.rows("select index_name as name from duckdb_indexes() where database_name = 'db'")).toEqual([
      { name: 'by_text' },
    ]);
  });
});

test('the folder of a killed run is removed, and nothing of another database', async () => {
  const { home, db } = fresh();
  for (const name of ['.x.duckdb.optimize-Ab12Cd', '.y.duckdb.optimize-Ab12Cd', '.x.duckdb.optimize-notes']) {
    mkdirSync(join(home, name), { mode: 0o700 });
    writeFileSync(join(home, name, 'database.duckdb'), 'x');
  }
  expect((await wattduck(['optimize', '--db', db])).status).toBe(0);
  expect(readdirSync(home).toSorted()).toEqual(['.x.duckdb.optimize-notes', '.y.duckdb.optimize-Ab12Cd', 'x.duckdb']);
});

test('a log by another name stops it', async () => {
  const { home, db } = fresh();
  symlinkSync('x.duckdb', join(home, 'link.duckdb'));
  writeFileSync(`${db}.wal`, 'x');
  const { status, stderr } = await wattduck(['optimize', '--db', join(home, 'link.duckdb')]);
  expect([status, stderr]).toEqual([
    1,
    `error: ${join(home, 'link.duckdb')} is not rewritten: ${db}.wal may have rows that are not in it. Open the database once by the name before .wal, for example with \`wattduck doctor --db NAME\`.\n`,
  ]);
  expect(readdirSync(home).toSorted()).toEqual(['link.duckdb', 'x.duckdb', 'x.duckdb.wal']);
});

test.each([
  ['missing', 'none.duckdb', 'none.duckdb not found. Create it with'],
  ['not a database', 'events.csv', 'events.csv is not a DuckDB database'],
])('a file that is %s is an error', async (_, name, message) => {
  const { status, stdout, stderr } = await wattduck(['optimize', '--db', at(name)]);
  expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining(message)]);
  expect(existsSync(at('none.duckdb'))).toBe(false);
});

test('a definition that cannot be copied is an error, and the database as it was', async () => {
  const { home, db } = fresh();
  await withDatabase(db, (duckdb) =>
    duckdb.run('create table db.main.doubles (n integer, twice integer generated always as (2 * n))'),
  );
  const before = await contentsOf(db);
  const { status, stderr } = await wattduck(['optimize', '--db', db]);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: \S+x\.duckdb is not replaced: .*generated/i)]);
  expect(await contentsOf(db)).toEqual(before);
  expect(readdirSync(home)).toEqual(['x.duckdb']);
});
