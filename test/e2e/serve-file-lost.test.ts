import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { holdDatabase, killProcess } from '../warehouse/processes.ts';
import { createHomes, runCli, spawnCli, spawnServer, stopServer, waitFor, type SpawnedServer } from './spawn-cli.ts';
import { sessionsCsv } from './spawn-group.ts';

const folder = scratch();
const filled = join(folder, 'filled.duckdb');
const home = createHomes(folder, filled);

beforeAll(async () => {
  writeFileSync(join(folder, 'sessions.csv'), sessionsCsv(0, 1000, '2024-02-01 00:00:00'));
  expect((await wattduck(['ingest', join(folder, 'sessions.csv'), '--db', filled])).status).toBe(0);
});

const post = async ({ url }: SpawnedServer, id: string): Promise<[number, string]> => {
  const body = JSON.stringify({ session_id: id, station_id: 'sent', start_time: '2024-01-01 00:00:00' });
  const response = await fetch(`${url}/v0/events?name=charging_sessions&wait=true`, { method: 'POST', body });
  return [response.status, await response.text()];
};
const statusOf = async ({ url }: SpawnedServer, path: string, init?: RequestInit): Promise<number> =>
  (await fetch(url + path, init)).status;

async function sent(db: string): Promise<unknown[]> {
  const { stdout, stderr } = await wattduck([
    'sql',
    "select session_id from charging_sessions where station_id = 'sent' order by 1",
    '--db',
    db,
    '--json',
  ]);
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as { session_id: string }[]).map(({ session_id: id }) => id);
}

describe.each<[what: string, said: string, isSaved: boolean, change: (db: string) => void]>([
  ['deleted', 'was deleted', true, (db) => rmSync(db)],
  ['replaced by a copy', 'was replaced', true, (db) => (copyFileSync(db, `${db}-copy`), renameSync(`${db}-copy`, db))],
  ['replaced by an empty file', 'was replaced', true, (db) => (rmSync(db), writeFileSync(db, ''))],
  ['replaced by a folder', 'was replaced', true, (db) => (rmSync(db), mkdirSync(db))],
  ['emptied', 'was truncated', false, (db) => truncateSync(db, 0)],
  ['cut within its headers', 'was truncated', false, (db) => truncateSync(db, 5000)],
  ['cut within its data', 'was truncated', false, (db) => truncateSync(db, statSync(db).size - 1)],
])('a database that is %s while it is served', (_, said, isSaved, change) => {
  test('is not ready and refuses writes; what was acknowledged is saved', async () => {
    const { cwd, db, env } = home();
    const server = await spawnServer(db, { cwd, env });
    expect((await post(server, 'a'))[0]).toBe(200);
    expect(await statusOf(server, '/readyz')).toBe(200);
    change(db);
    expect([await statusOf(server, '/healthz'), await statusOf(server, '/readyz')]).toEqual([200, 503]);
    expect(await post(server, 'b')).toEqual([
      503,
      expect.stringMatching(new RegExp(`the database file ${said} while the server had it open.*Stop the server`)),
    ]);
    const form = (path: string, body: string): Promise<number> =>
      statusOf(server, path, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    expect(
      await form('/v0/datasources?name=charging_sessions&mode=append', sessionsCsv(2000, 2010, '2024-02-01 00:00:00')),
    ).toBe(503);
    expect(await form('/v0/datasources/charging_sessions/truncate', '')).toBe(503);
    expect(await form('/v0/datasources/charging_sessions/delete', 'delete_condition=true')).toBe(503);
    expect(await statusOf(server, '/api/v1/analytics/issues/none/acknowledge', { method: 'POST' })).toBe(503);
    // Reads go on with what DuckDB has, or fail for good.
    expect([200, 422]).toContain(await statusOf(server, '/v0/pipes/user_usage.json'));
    const ended = await stopServer(server, 'SIGTERM');
    expect(ended).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        `error: ${db} ${said} while the server had it open. ${isSaved ? 'Its rows are saved in ' : 'Restore it from a backup.'}`,
      ) as string,
    });
    expect(existsSync(`${db}.owner`)).toBe(false);
    const saved = readdirSync(cwd).filter((name) => /\.saved-\d+$/.test(name));
    expect(saved).toHaveLength(isSaved ? 1 : 0);
    if (isSaved) expect(await sent(join(cwd, saved[0]!))).toEqual(['a']);
  });
});

test('a command that imports through a server whose file was deleted says so', async () => {
  const { cwd, db, env } = home();
  const server = await spawnServer(db, { cwd, env });
  const command = spawnCli(['ingest', '-', '--source', 'charging_sessions', '--db', db], {
    cwd,
    env,
    keepStdinOpen: true,
  });
  await waitFor(
    () => readdirSync(server.lockFile.spool).some((name) => name.startsWith('client_')),
    'the command is connected',
  );
  rmSync(db);
  command.child.stdin!.end(sessionsCsv(3000, 3010, '2024-02-01 00:00:00'));
  expect(await command.ended).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^error: the database file was deleted while the server had it open/) as string,
  });
  await stopServer(server, 'SIGTERM');
});

test('a database that is moved away and back is served again', async () => {
  const { cwd, db, env } = home();
  const server = await spawnServer(db, { cwd, env });
  renameSync(db, `${db}-away`);
  expect([await statusOf(server, '/readyz'), (await post(server, 'a'))[0]]).toEqual([503, 503]);
  renameSync(`${db}-away`, db);
  expect([await statusOf(server, '/readyz'), (await post(server, 'a'))[0]]).toEqual([200, 200]);
  expect(await stopServer(server, 'SIGTERM')).toMatchObject({ status: 0 });
  expect(await sent(db)).toEqual(['a']);
});

test.each<[what: string, change: (wal: string) => void]>([
  ['deleted', (wal) => rmSync(wal)],
  ['emptied', (wal) => truncateSync(wal, 0)],
  ['cut short', (wal) => truncateSync(wal, statSync(wal).size - 1)],
  ['replaced', (wal) => (rmSync(wal), writeFileSync(wal, 'nothing of ours'))],
])('of a server whose log was %s, and that is killed, nothing acknowledged since is lost', async (_, change) => {
  const { cwd, db, env } = home();
  const server = await spawnServer(db, { cwd, env });
  for (const id of ['a', 'b']) expect((await post(server, id))[0]).toBe(200);
  await waitFor(() => existsSync(`${db}.wal`), 'there is a log');
  change(`${db}.wal`);
  for (const id of ['c', 'd']) expect((await post(server, id))[0]).toBe(200);
  expect(await statusOf(server, '/readyz')).toBe(200);
  await stopServer(server, 'SIGKILL');
  expect(await sent(db)).toEqual(['a', 'b', 'c', 'd']);
});

test('a database whose log was deleted between two runs opens with what its last checkpoint has', async () => {
  const { cwd, db, env } = home();
  const server = await spawnServer(db, { cwd, env });
  expect((await post(server, 'a'))[0]).toBe(200);
  await stopServer(server, 'SIGKILL');
  rmSync(`${db}.wal`);
  expect(await sent(db)).toEqual([]);
  expect((await runCli(['doctor', '--db', db], { cwd, env })).status).toBe(0);
  const next = await spawnServer(db, { cwd, env });
  expect((await post(next, 'b'))[0]).toBe(200);
  expect(await stopServer(next, 'SIGTERM')).toMatchObject({ status: 0 });
  expect(await sent(db)).toEqual(['b']);
});

test('no command talks to a socket that a record of another user names', async () => {
  const { cwd, db, env } = home();
  const server = await spawnServer(db, { cwd, env });
  const { lockFile } = server;
  await stopServer(server, 'SIGKILL');
  let connections = 0;
  rmSync(lockFile.address);
  const impostor = createServer(() => (connections += 1)).listen(lockFile.address);
  const other = await holdDatabase(db);
  chmodSync(`${db}.owner`, 0o666);
  const { status, stdout, stderr } = await runCli(['sql', 'select 1', '--db', db, '--wait', '0'], { cwd, env });
  expect([status, stdout, stderr]).toEqual([
    5,
    '',
    expect.stringMatching(/x\.duckdb\.owner ignored: other users can write to it\nerror: .* is locked by process \d+/),
  ]);
  expect(connections).toBe(0);
  impostor.close();
  await killProcess(other);
});

test('a new database, its log, lock file, folder and socket are for their user alone; an existing database keeps its mode', async () => {
  const { cwd, db, env } = home();
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  const fresh = join(cwd, 'new.duckdb');
  const server = await spawnServer(fresh, { cwd, env });
  expect((await post(server, 'a'))[0]).toBe(200);
  expect([fresh, `${fresh}.wal`, `${fresh}.owner`, server.lockFile.spool, server.lockFile.address].map(mode)).toEqual([
    '600',
    '600',
    '600',
    '700',
    '600',
  ]);
  await stopServer(server, 'SIGTERM');
  for (const given of [0o644, 0o640]) {
    chmodSync(db, given);
    expect((await runCli(['ingest', join(folder, 'sessions.csv'), '--force', '--db', db], { cwd, env })).status).toBe(
      0,
    );
    expect(statSync(db).mode & 0o777).toBe(given);
  }
});
