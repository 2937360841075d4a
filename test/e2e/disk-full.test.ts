import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { runs } from '../support/runs.ts';
import { createHomes, runCli, spawnServer, stopServer, waitFor, type SpawnedServer } from './spawn-cli.ts';
import { databaseContent, sessionsCsv } from './spawn-group.ts';

const folder = scratch();
const [filled, second] = [join(folder, 'filled.duckdb'), join(folder, 'second.csv')];
const home = createHomes(folder, filled);
let before: unknown;
let after: unknown;
/** Kilobytes of the database before and after, and of the log between. */
const sizes = { before: 0, after: 0 };

beforeAll(async () => {
  writeFileSync(join(folder, 'first.csv'), sessionsCsv(0, 2000, '2024-02-01 00:00:00'));
  writeFileSync(second, sessionsCsv(1000, 31_000, '2024-02-02 00:00:00'));
  expect((await wattduck(['ingest', join(folder, 'first.csv'), '--db', filled])).status).toBe(0);
  const whole = join(folder, 'whole.duckdb');
  copyFileSync(filled, whole);
  expect((await wattduck(['ingest', second, '--db', whole])).status).toBe(0);
  [before, after] = [await databaseContent(filled), await databaseContent(whole)];
  [sizes.before, sizes.after] = [filled, whole].map((path) => Math.ceil(statSync(path).size / 1024)) as [
    number,
    number,
  ];
});

test('an ingest for which there is too little room says so, keeps all of a file or nothing, and can be run again', async () => {
  const count = runs(40);
  const statuses = new Set<number | null>();
  // From a log that has no room at all to room for everything: each file of the database may have that many kilobytes.
  const most = sizes.after * 3;
  for (let n = 0; n < count; n += 1) {
    const { cwd, db, env } = home();
    const fileLimit = Math.ceil(1 + (most * n) / (count - 1));
    const { status, stdout, stderr } = await runCli(['ingest', second, '--db', db], { cwd, env, fileLimit });
    statuses.add(status);
    const found = await databaseContent(db);
    if (status === 0) expect(found).toEqual(after);
    else
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/^error: .*(larger than the system allows|writing to disk failed)[^\n]*\n$/),
      ]);
    // The rows may be in the log when the checkpoint fails.
    expect(stdout === '' ? [before, after] : [after]).toContainEqual(found);
    expect(await runCli(['ingest', second, '--db', db], { cwd, env })).toMatchObject({ status: 0 });
    expect(await databaseContent(db)).toEqual(after);
    expect(readdirSync(cwd).toSorted()).toEqual(['tmp', 'x.duckdb']);
  }
  expect([...statuses].toSorted()).toEqual([0, 1]);
}, 600_000);

/** Sends batches until one is refused. Answers how many rows were acknowledged, and the refusal. */
async function fill(
  { url }: SpawnedServer,
  rows: number,
  batches = 2000,
): Promise<{ acknowledged: number; status: number; text: string }> {
  for (let n = 0; n < batches; n += 1) {
    const body = Array.from({ length: rows }, (_, row) =>
      JSON.stringify({
        session_id: `sent-${rows}-${n}-${row}-${((n * rows + row) * 7919) % 1_000_003}`,
        station_id: `S${(row * 31) % 977}`,
        start_time: '2024-01-01 00:00:00',
      }),
    );
    const response = await fetch(`${url}/v0/events?name=charging_sessions&wait=true`, {
      method: 'POST',
      body: body.join('\n'),
    });
    const text = await response.text();
    if (response.status !== 200) return { acknowledged: n * rows, status: response.status, text };
  }
  throw new Error('the disk is never full');
}

const sent = async (db: string): Promise<number> =>
  Number(
    (
      await wattduck([
        'sql',
        "select count(*) as n from charging_sessions where session_id like 'sent-%'",
        '--db',
        db,
        '--format',
        'csv',
      ])
    ).stdout.split('\n')[1],
  );

test('a server without room for more rows refuses them for good, answers reads, and loses nothing that it acknowledged', async () => {
  const { cwd, db, env } = home();
  const server = await spawnServer(db, { cwd, env, fileLimit: 1500 });
  let acknowledged = 0;
  // Where no large batch has room any more, a small one has.
  for (const rows of [500, 20, 1]) {
    const { acknowledged: more, status, text } = await fill(server, rows);
    // It is no 5xx: public clients would send it again and again.
    expect([status, text]).toEqual([422, expect.stringContaining('larger than the system allows')]);
    acknowledged += more;
  }
  expect(acknowledged).toBeGreaterThan(0);
  const { status: read, body } = await fetch(
    `${server.url}/v0/sql?q=${encodeURIComponent("select count(*) as n from charging_sessions where session_id like 'sent-%' format csv")}`,
  ).then(async (response) => ({ status: response.status, body: await response.text() }));
  expect([read, body.trim().split('\n').at(-1)]).toEqual([200, String(acknowledged)]);
  // Requests of every route need more room than is left: the request log says so once, and goes on counting.
  const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: object };
  await waitFor(async () => {
    for (const path of Object.keys(paths)) await (await fetch(`${server.url}${path}?unknown=1`)).text();
    return server.output.stderr.includes('request log not saved');
  }, 'the request log could not be written');
  for (const path of ['/healthz', '/v0/pipes/user_usage.json?limit=1'])
    expect((await fetch(server.url + path)).status).toBe(200);
  await stopServer(server, 'SIGKILL');
  expect(server.output.stderr.match(/request log not saved/g)).toHaveLength(1);
  expect(await sent(db)).toBe(acknowledged);
});

/** A disk of so many megabytes, where this user may mount one. */
function smallDisk(megabytes: number): string | undefined {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  afterAll(() => void execFileSync('umount', ['-l', disk]));
  return disk;
}
const disk = smallDisk(24);

test.skipIf(disk === undefined)(
  'a server whose checkpoint finds the disk full is not ready any more, and loses nothing that it acknowledged',
  async () => {
    const { cwd, env } = home();
    const db = join(disk!, 'x.duckdb');
    const server = await spawnServer(db, { cwd, env });
    // DuckDB writes a checkpoint once its log has 16 MiB. After that, less than 1 MiB is left.
    const { bavail, bsize } = statfsSync(disk!);
    writeFileSync(join(disk!, 'other-file'), Buffer.alloc(bavail * bsize - 17 * 2 ** 20));
    const readiness = async (): Promise<number> => (await fetch(`${server.url}/readyz`)).status;
    let acknowledged = 0;
    let last = 0;
    // Where the log has no room for a large batch, a small one leads to the checkpoint.
    for (const rows of [20_000, 1000, 20, 1]) {
      const { acknowledged: more, status, text } = await fill(server, rows);
      expect([status, text]).toEqual([422, expect.stringContaining('disk full')]);
      acknowledged += more;
      last = rows;
      if ((await readiness()) === 503) break;
    }
    expect([(await fetch(`${server.url}/healthz`)).status, await readiness()]).toEqual([200, 503]);
    await expect(fill(server, 1)).resolves.toMatchObject({
      status: 503,
      text: expect.stringContaining('start the server again') as string,
    });
    const ended = await stopServer(server, 'SIGTERM');
    expect([ended.status, ended.stderr.split('\n').at(-2)]).toEqual([
      1,
      expect.stringMatching(/^error: the database is unavailable because writing to disk failed/),
    ]);
    const copy = join(cwd, 'copy.duckdb');
    for (const end of ['', '.wal']) copyFileSync(db + end, copy + end);
    // What could not be acknowledged may be in the log.
    expect([acknowledged, acknowledged + last]).toContain(await sent(copy));
  },
  120_000,
);
