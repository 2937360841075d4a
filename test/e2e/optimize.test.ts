import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { isFull, runs } from '../support/runs.ts';
import { seededRandom } from './kill-timing.ts';
import { createHomes, runCli, spawnCli, spawnServer, stopServer, waitFor } from './spawn-cli.ts';
import { databaseContent } from './spawn-group.ts';

const folder = scratch();
const filled = join(folder, 'filled.duckdb');
const home = createHomes(folder, filled);
const rows = 40_000;
let content: unknown;
let firstId: string;

/** ID of the first session in the file. */
async function findFirstId(db: string): Promise<string> {
  const duckdb = await DuckDb.open();
  try {
    await duckdb.run(`attach '${db}' as db (read_only)`);
    return String((await duckdb.row('select session_id from db.main.charging_sessions where rowid = 0'))['session_id']);
  } finally {
    await duckdb.close();
  }
}

beforeAll(async () => {
  // The newest session comes first.
  const lines = ['session_id,station_id,start_time,energy_kwh'];
  for (let n = rows - 1; n >= 0; n -= 1)
    lines.push(`s${n},station ${n % 97},${new Date(n * 3_600_000).toISOString()},${n % 50}`);
  writeFileSync(join(folder, 'sessions.csv'), `${lines.join('\n')}\n`);
  expect((await wattduck(['ingest', join(folder, 'sessions.csv'), '--db', filled])).status).toBe(0);
  content = await databaseContent(filled);
  firstId = await findFirstId(filled);
  expect(firstId).not.toBe('s0');
});

/** The file is the old or the new one, and a second run rewrites it and removes what the first left. */
async function expectWhole(cwd: string, db: string): Promise<'old' | 'new'> {
  const first = await findFirstId(db);
  expect([firstId, 's0']).toContain(first);
  expect(await databaseContent(db)).toEqual(content);
  expect(await wattduck(['optimize', '--db', db])).toMatchObject({ status: 0, stderr: '' });
  expect(await findFirstId(db)).toBe('s0');
  expect(await databaseContent(db)).toEqual(content);
  expect(readdirSync(cwd).toSorted()).toEqual(['tmp', 'x.duckdb']);
  return first === 's0' ? 'new' : 'old';
}

test(
  'killed at any moment, the database is the old or the new one',
  async () => {
    const random = seededRandom(20261127);
    const { cwd, db, env } = home();
    let started = performance.now();
    expect(await runCli(['optimize', '--db', db], { cwd, env })).toMatchObject({ status: 0, stderr: '' });
    let span = performance.now() - started;
    const found = { old: 0, new: 0, killed: 0 };
    for (let n = 0; n < runs(25); n += 1) {
      const each = home();
      const signal = n % 3 === 2 ? 'SIGINT' : 'SIGKILL';
      started = performance.now();
      const { child, ended } = spawnCli(['optimize', '--db', each.db], each);
      const folderExists = (): boolean => readdirSync(each.cwd).some((name) => name.startsWith('.x.duckdb.optimize-'));
      // Half of them while the new file is written, half at any moment.
      if (n % 2 === 0) await Promise.race([waitFor(folderExists, 'it has begun').catch(() => undefined), ended]);
      await Promise.race([setTimeout(random() * span * (n % 2 === 0 ? 0.5 : 1)), ended]);
      child.kill(signal);
      const result = await ended;
      if (result.signal === null) span = performance.now() - started;
      else found.killed += 1;
      if (result.status === 130) expect(result.stderr).toMatch(/^error: interrupted[^\n]*\n$/);
      found[await expectWhole(each.cwd, each.db)] += 1;
    }
    if (isFull) console.log('killed rewrites:', found);
    expect(found.killed).toBeGreaterThan(0);
    expect(found.old).toBeGreaterThan(0);
  },
  isFull ? 1_800_000 : 300_000,
);

test('with too little room the database stays as it was', async () => {
  const size = Math.ceil(statSync(filled).size / 1024);
  const statuses = new Set<number | null>();
  for (const share of [0.02, 0.3, 0.7, 4]) {
    const { cwd, db, env } = home();
    const fileLimit = Math.ceil(size * share);
    const { status, stderr } = await runCli(['optimize', '--db', db], { cwd, env, fileLimit });
    statuses.add(status);
    if (status !== 0) {
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/^error: .*(larger than the system allows|writing to disk failed)[^\n]*\n$/),
      ]);
      expect(await findFirstId(db)).toBe(firstId);
    }
    await expectWhole(cwd, db);
  }
  expect([...statuses].toSorted()).toEqual([0, 1]);
});

test('a served database is not rewritten, and the server goes on', async () => {
  const { cwd, db, env } = home();
  const server = await spawnServer(db, { cwd, env });
  const { status, stderr } = await runCli(['optimize', '--db', db], { cwd, env });
  expect([status, stderr]).toEqual([
    5,
    `error: ${db} is served at ${server.url} (process ${server.child.pid}), and a database in use is not rewritten. Stop the server, run the command again, and start the server.\n`,
  ]);
  const plan = await runCli(['optimize', '--dry-run', '--db', db], { cwd, env });
  expect(plan).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing was written') as string });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  // The lock file of a killed server names the old file.
  await stopServer(server, 'SIGKILL');
  expect(await runCli(['optimize', '--db', db], { cwd, env })).toMatchObject({ status: 0 });
  expect(readdirSync(cwd).toSorted()).toEqual(['tmp', 'x.duckdb']);
  expect(await findFirstId(db)).toBe('s0');
});

test('imports and rewrites at the same time lose no row', async () => {
  const { cwd, db, env } = home();
  const rewrites = Promise.all(
    Array.from({ length: 3 }, () => runCli(['optimize', '--db', db, '--wait', '60'], { cwd, env })),
  );
  const imports = [];
  for (let n = 0; n < 4; n += 1) {
    const file = join(cwd, `more-${n}.csv`);
    writeFileSync(file, `session_id,station_id,start_time\nmore-${n},s,2025-01-01 00:00:00\n`);
    imports.push(await runCli(['ingest', file, '--db', db, '--wait', '60'], { cwd, env }));
  }
  for (const { status } of [...imports, ...(await rewrites)]) expect(status).toBe(0);
  const { stdout } = await wattduck(['sql', 'select count(*) as n from charging_sessions', '--db', db, '-f', 'csv']);
  expect(stdout).toBe(`n\n${rows + 4}\n`);
});
