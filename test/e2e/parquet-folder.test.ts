import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { isFull, runs } from '../support/runs.ts';
import { seededRandom } from './kill-timing.ts';
import { runCli, spawnCli, waitFor } from './spawn-cli.ts';
import { sessionsCsv, spawnCliGroup } from './spawn-group.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const [oldDb, newDb, exported] = [at('old.duckdb'), at('new.duckdb'), at('exported')];

/** Changes a database by SQL. */
async function change(db: string, sql: string): Promise<void> {
  const duckdb = await DuckDb.open();
  await openForWriting(duckdb, db, await Catalog.open(duckdb));
  await duckdb.run(sql);
  await duckdb.close();
}

/** Number of sessions, and the energies that they have. */
async function contentOf(path: string): Promise<string> {
  const sql =
    'select count(*) as n, min(energy_kwh) as first, max(energy_kwh) as last, count(distinct station_id) as stations, min(start_time) as start, max(start_time) as "end" from charging_sessions';
  const { status, stdout, stderr } = await wattduck(['sql', sql, '--db', path, '--format', 'csv']);
  expect(status, stderr).toBe(0);
  return stdout.split('\n')[1]!;
}

/** Spreads sessions over 24 months from January 2024; all have the same energy. */
const spread = (energy: number): string =>
  `update charging_sessions set start_time = timestamp '2024-01-01' + to_days((hash(session_id) % 730)::int), end_time = null, energy_kwh = ${energy}`;

const exportTo = (target: string, db: string, ...flags: string[]): string[] => [
  'export',
  '--parquet',
  target,
  '--db',
  db,
  ...flags,
];

interface Manifest {
  tables: Record<string, { files: { path: string }[] }>;
}

const listFiles = (target: string): string[] =>
  readdirSync(target, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet') || name.startsWith('.'))
    .toSorted();

const currentFiles = (target: string): string[] =>
  Object.values((JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8')) as Manifest).tables)
    .flatMap(({ files }) => files.map(({ path }) => path))
    .toSorted();

beforeAll(async () => {
  writeFileSync(at('sessions.csv'), sessionsCsv(0, 5000, '2024-02-01 00:00:00'));
  expect((await wattduck(['ingest', at('sessions.csv'), '--db', oldDb])).status).toBe(0);
  await change(oldDb, spread(1));
  copyFileSync(oldDb, newDb);
  // Every month changes, one is new and one is gone.
  await change(
    newDb,
    `update charging_sessions set energy_kwh = 2, start_time = case when start_time < timestamp '2024-02-01' then timestamp '2026-02-01' else start_time end`,
  );
  expect((await wattduck(exportTo(exported, oldDb))).status).toBe(0);
});

test(
  'an export killed at any moment leaves the old or the new state, and the next one repairs the folder',
  async () => {
    const random = seededRandom(20260301);
    const [before, after] = [await contentOf(exported), await contentOf(newDb)];
    expect(before).not.toBe(after);
    let span = 3000;
    let hits = 0;
    const found = new Map<string, number>();
    for (let attempt = 0; hits < runs(20) && attempt < runs(20) * 4; attempt += 1) {
      const target = at(`killed-${attempt}`);
      cpSync(exported, target, { recursive: true });
      const started = performance.now();
      const run = spawnCliGroup(exportTo(target, newDb), folder);
      // Half of them while files are written.
      const delay = attempt % 2 === 0 ? random() * span : 0;
      if (delay === 0)
        await Promise.race([
          waitFor(() => listFiles(target).some((name) => name.includes('000002-')), 'a file is written'),
          run.ended,
        ]);
      await Promise.race([setTimeout(delay === 0 ? random() * span * 0.3 : delay), run.ended]);
      run.child.kill('SIGKILL');
      const { signal } = await run.ended;
      if (signal === null) span = performance.now() - started;
      else hits += 1;
      const content = await contentOf(target);
      expect([before, after]).toContain(content);
      found.set(content, (found.get(content) ?? 0) + 1);
      expect(await wattduck(exportTo(target, newDb))).toMatchObject({ status: 0 });
      expect(await contentOf(target)).toBe(after);
      // An hour later, nothing is left of either state.
      expect((await wattduck(exportTo(target, newDb), { now: new Date('2099-01-01') })).status).toBe(0);
      expect(listFiles(target)).toEqual(['.export.lock', ...currentFiles(target)]);
      rmSync(target, { recursive: true });
    }
    if (isFull) console.log('killed exports:', hits, [...found.values()]);
    expect(found.get(before)).toBeGreaterThan(0);
  },
  isFull ? 1_800_000 : 300_000,
);

test('a first export that is killed leaves a folder that is refused, and that the next one completes', async () => {
  const target = at('first');
  const run = spawnCliGroup(exportTo(target, oldDb), folder);
  await waitFor(
    () => listFiles(at('')).some((name) => name.startsWith('first/charging_sessions')),
    'a file is written',
  );
  run.child.kill('SIGKILL');
  if ((await run.ended).signal !== null) {
    const { status, stderr } = await wattduck(['report', 'get-sessions', '--db', target]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('is a folder without a manifest.json')]);
  }
  expect((await wattduck(exportTo(target, oldDb))).status).toBe(0);
  expect(await contentOf(target)).toBe(await contentOf(oldDb));
});

test('many readers see one state each while a writer exports again and again', async () => {
  const [db, target] = [at('written.duckdb'), at('written')];
  copyFileSync(oldDb, db);
  await runCli(exportTo(target, db), { cwd: folder });
  const rowsAtFirst = Number((await contentOf(target)).split(',')[0]);
  let isDone = false;
  const answers: string[] = [];
  const failures: string[] = [];
  const read = async (): Promise<void> => {
    while (!isDone) {
      const { status, stdout, stderr } = await runCli(
        [
          'sql',
          'select count(*) as n, min(energy_kwh) as first, max(energy_kwh) as last, count(distinct start_time) > 0 as ok from charging_sessions',
          '--db',
          target,
          '--format',
          'csv',
        ],
        { cwd: folder },
      );
      if (status === 0) answers.push(stdout.split('\n')[1]!);
      else failures.push(stderr);
    }
  };
  const readers = [read(), read(), read()];
  for (let generation = 2; generation <= (isFull ? 12 : 5); generation += 1) {
    await change(
      db,
      `update charging_sessions set energy_kwh = ${generation};
       insert into charging_sessions select * replace (session_id || '-${generation}' as session_id, timestamp '2026-01-01' + interval ${generation} month as start_time) from charging_sessions where session_id not like '%-%' limit 100`,
    );
    const { status, stderr } = await runCli(exportTo(target, db), { cwd: folder });
    expect(status, stderr).toBe(0);
  }
  isDone = true;
  await Promise.all(readers);
  expect(failures).toEqual([]);
  expect(answers.length).toBeGreaterThan(5);
  const states = answers.map((answer) => answer.split(',').map(Number));
  for (const [rows, first, last] of states) {
    expect(first).toBe(last);
    // Each export adds 100 rows.
    expect(rows).toBe(rowsAtFirst + (first! - 1) * 100);
  }
  expect(new Set(states.map(([, first]) => first)).size).toBeGreaterThan(1);
}, 300_000);

test('of two exports at once, the second waits, or fails with a clear error', async () => {
  const target = at('together');
  const both = await Promise.all([0, 1, 2].map(() => runCli(exportTo(target, oldDb), { cwd: folder })));
  for (const { status, stderr } of both) expect(status, stderr).toBe(0);
  expect(both.filter(({ stderr }) => / 0 written|0 files written/.test(stderr))).toHaveLength(2);
  const { lockFolder } = await import('../../src/warehouse/parquet-folder/folder-lock.ts');
  const release = await lockFolder(target, {
    seconds: 0,
    notify: () => undefined,
    signal: new AbortController().signal,
  });
  try {
    const { status, stderr } = await runCli(exportTo(target, oldDb, '--wait', '0'), { cwd: folder });
    expect([status, stderr]).toEqual([
      5,
      `error: another export is writing to ${target}. Wait until it ends, or stop it.\n`,
    ]);
    // Readers take no lock.
    expect((await runCli(['report', 'revenue-summary', '--db', target], { cwd: folder })).status).toBe(0);
  } finally {
    release();
  }
});

test('if no file can be written, the old state stays', async () => {
  const target = at('full');
  cpSync(exported, target, { recursive: true });
  const before = await contentOf(target);
  const { status, stderr } = await runCli(exportTo(target, newDb), { cwd: folder, fileLimit: 1 });
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: .*(larger than the system allows|disk full)/)]);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(await contentOf(target)).toBe(before);
  expect(listFiles(target).filter((name) => name.startsWith('.'))).toEqual(['.export.lock']);
});

test('an export through a server reads one moment, while others write', async () => {
  const db = at('served.duckdb');
  copyFileSync(oldDb, db);
  const server = spawnCli(['serve', '--db', db, '--port', '0'], { cwd: folder });
  await waitFor(() => /Serving .* at (\S+) \(/.exec(server.output.stderr), 'the server listens');
  const { status, stderr } = await runCli(exportTo(at('from-server'), db), { cwd: folder });
  expect(status, stderr).toBe(0);
  server.child.kill('SIGTERM');
  expect((await server.ended).status).toBe(0);
  expect(await contentOf(at('from-server'))).toBe(await contentOf(db));
  // The same rows in the same order make the same hashes.
  expect((await wattduck(exportTo(at('from-server'), db))).stderr).toContain('0 files written');
});

test('serve on a folder takes the token of the environment, leaves no file and ends with SIGTERM', async () => {
  const target = at('token');
  cpSync(exported, target, { recursive: true });
  const files = listFiles(target);
  const token = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const server = spawnCli(['serve', '--db', target, '--port', '0', '--host', '0.0.0.0'], {
    cwd: folder,
    env: { WATTDUCK_TOKEN: token },
  });
  const url = await waitFor(
    () => /Serving .* at (\S+), read-only \(/.exec(server.output.stderr)?.[1],
    'the server listens',
  );
  const path = `http://127.0.0.1:${new URL(url).port}/v0/pipes/get_sessions.json?limit=1`;
  expect((await fetch(path)).status).toBe(403);
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(path, { headers })).status).toBe(200);
  const metrics = await (await fetch(new URL('/metrics', path), { headers })).text();
  const bytes = files
    .filter((name) => name.endsWith('.parquet'))
    .reduce((sum, name) => sum + statSync(join(target, name)).size, 0);
  expect(metrics).toContain(`wattduck_database_bytes{file="database"} ${bytes}\n`);
  server.child.kill('SIGTERM');
  expect((await server.ended).status).toBe(0);
  expect(listFiles(target)).toEqual(files);
  expect(readdirSync(folder).filter((name) => name.startsWith('token'))).toEqual(['token']);
  const open = await runCli(['serve', '--db', target, '--port', '0', '--host', '0.0.0.0'], { cwd: folder });
  expect([open.status, open.stderr]).toEqual([2, expect.stringContaining('token')]);
});
