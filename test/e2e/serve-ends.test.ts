import { once } from 'node:events';
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { RemoteConnection } from '../../src/warehouse/remote-connection.ts';
import { writeFiles } from '../catalog/report-file.ts';
import { scratch, wattduck } from '../support/cli.ts';
import {
  createHomes,
  leftoverFiles,
  runCli,
  spawnCli,
  spawnServer,
  stopServer,
  waitFor,
  type SpawnedCli,
  type SpawnedServer,
} from './spawn-cli.ts';
import { databaseContent, sessionsCsv } from './spawn-group.ts';

const folder = scratch();
const at = (...names: string[]): string => join(folder, ...names);
const [filled, second] = [at('filled.duckdb'), at('second.csv')];

/** What the database holds before the second file, and with it. */
let before: unknown;
let after: unknown;

/** A report that computes for as long as it is told to: by how many sessions are paired with all pairs of sessions. */
const slow = `/*---
title: Slow
description: Computes for long.
params: { upto: { description: Last session paired, default: s1 } }
columns: { pairs: { description: Pairs, unit: count } }
key: [pairs]
sort: { default: pairs, allow: [] }
page: { kind: none }
answer: { shape: tinybird }
---*/
select count(*) as pairs
from charging_sessions a, charging_sessions b, charging_sessions c
where a.session_id < 's12' and b.session_id < 's12' and c.session_id < $upto::varchar and char_length(a.session_id || b.session_id || c.session_id) > 0
`;

const home = createHomes(folder, filled);

beforeAll(async () => {
  writeFiles(folder, { 'slow/reports/mine/slow.sql': slow });
  writeFileSync(at('first.csv'), sessionsCsv(0, 20_000, '2024-02-01 00:00:00'));
  writeFileSync(second, sessionsCsv(10_000, 60_000, '2024-02-02 00:00:00'));
  expect((await wattduck(['ingest', at('first.csv'), '--db', filled])).status).toBe(0);
  before = await databaseContent(filled);
  copyFileSync(filled, at('after.duckdb'));
  expect((await wattduck(['ingest', second, '--db', at('after.duckdb')])).status).toBe(0);
  after = await databaseContent(at('after.duckdb'));
  expect(after).not.toEqual(before);
});

/** What a database holds, as the program in a process of its own tells. */
async function holds(db: string): Promise<unknown> {
  const { status, stdout, stderr } = await runCli(
    [
      'sql',
      'select count(*)::varchar as n, sum(hash(s))::varchar as rows from charging_sessions s',
      '--db',
      db,
      '--json',
    ],
    { cwd: folder },
  );
  expect([status, stderr]).toEqual([0, '']);
  return (JSON.parse(stdout) as { n: string; rows: string }[]).map(({ n, rows }) => [n, rows])[0];
}
const sessionsOf = (whole: unknown): unknown => (whole as { sessions: unknown }[])[0]!.sessions;

/** The file is in whole or not at all, and a second run makes it whole. */
async function wholeOrNot(db: string, cwd: string): Promise<void> {
  expect([sessionsOf(before), sessionsOf(after)]).toContainEqual(await holds(db));
  const { status, stderr } = await runCli(['ingest', second, '--db', db, '--wait', '20'], { cwd });
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('error')]);
  expect(await holds(db)).toEqual(sessionsOf(after));
}

/** An answer of which only the beginning was read. */
async function reading(url: string): Promise<{ status: number | undefined; rest(): Promise<string> }> {
  const response = await new Promise<IncomingMessage>((answered, failed) => get(url, answered).on('error', failed));
  response.setEncoding('utf8');
  await once(response, 'readable');
  const beginning = response.read() as string;
  const rest = async (): Promise<string> => {
    let text = beginning;
    for await (const piece of response) text += String(piece);
    return text;
  };
  return { status: response.statusCode, rest };
}

const clean = async (server: SpawnedServer, db: string, tempDir: string): Promise<void> => {
  expect([leftoverFiles(db, server.lockFile), readdirSync(tempDir)]).toEqual([[], []]);
};

test.each(['SIGTERM', 'SIGINT'] as const)(
  'at %s what is under way is finished first: requests, their log, and commands',
  async (signal) => {
    const { cwd, db, tempDir, env } = home();
    const server = await spawnServer(db, { cwd, env }, ['--sql-dir', at('slow')]);
    const stream = await reading(`${server.url}/v0/pipes/get_sessions.ndjson?limit=20000`);
    const paired = fetch(`${server.url}/v0/pipes/slow.json?upto=s1`);
    // It is let in, and waits for the rest of its input.
    const guest = spawnCli(['ingest', '-', '--source', 'charging_sessions', '--db', db], {
      cwd,
      env,
      keepStdinOpen: true,
    });
    const room = await waitFor(
      () => readdirSync(server.lockFile.spool).find((name) => name.startsWith('client_')),
      'the guest is in',
    );
    expect(room).toBe('client_1');
    server.child.kill(signal);
    await waitFor(
      () => server.output.stderr.includes('Shutting down after open requests finish'),
      'the server is ending',
    );
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    guest.child.stdin!.end(sessionsCsv(97_010, 97_020, '2024-02-03 00:00:00'));
    expect(await guest.ended).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('10 rows read = 10 new') as string,
      stderr: '',
    });
    expect([stream.status, (await stream.rest()).trim().split('\n').length]).toEqual([200, 19_793]);
    expect(((await (await paired).json()) as { data: unknown[] }).data).toHaveLength(1);
    expect(await server.ended).toMatchObject({ status: 0, signal: null });
    await clean(server, db, tempDir);
    const { stdout } = await runCli(
      [
        'sql',
        "select endpoint, sum(requests) as n from requests where endpoint like '%pipes%' group by all order by all",
        '--format',
        'csv',
        '--db',
        db,
      ],
      { cwd },
    );
    expect(stdout).toBe('endpoint,n\nGET /v0/pipes/get_sessions.ndjson,1\nGET /v0/pipes/slow.json,1\n');
  },
);

test('a command that does not end in time is put out, with a clear word', async () => {
  const { cwd, db, tempDir, env } = home();
  const server = await spawnServer(db, { cwd, env }, ['--sql-dir', at('slow')]);
  const guest = spawnCli(['report', 'slow', '--upto', 't', '--sql-dir', at('slow'), '--db', db], { cwd, env });
  await waitFor(() => readdirSync(server.lockFile.spool).some((name) => name.startsWith('client_')), 'the guest is in');
  server.child.kill('SIGTERM');
  expect(await guest.ended).toEqual({
    status: 1,
    signal: null,
    stdout: '',
    stderr: 'error: the server that holds the database has stopped. Run the command again; no changes were made.\n',
  });
  expect(await server.ended).toMatchObject({ status: 0 });
  await clean(server, db, tempDir);
});

test('a second Ctrl-C ends at once; the next command and server find all in order', async () => {
  const { cwd, db, tempDir, env } = home();
  const server = await spawnServer(db, { cwd, env }, ['--sql-dir', at('slow')]);
  fetch(`${server.url}/v0/pipes/slow.json?upto=t`).catch(() => undefined);
  const guest = spawnCli(['report', 'slow', '--upto', 't', '--sql-dir', at('slow'), '--db', db], { cwd, env });
  await waitFor(() => readdirSync(server.lockFile.spool).some((name) => name.startsWith('client_')), 'the guest is in');
  server.child.kill('SIGINT');
  await waitFor(() => server.output.stderr.includes('Shutting down'), 'the server is ending');
  server.child.kill('SIGINT');
  expect(await server.ended).toMatchObject({ status: null, signal: 'SIGINT' });
  expect(await guest.ended).toMatchObject({ status: 1, stderr: expect.stringContaining('has stopped') as string });
  expect(await holds(db)).toEqual(sessionsOf(before));
  const next = await spawnServer(db, { cwd, env });
  await stopServer(next, 'SIGTERM');
  await clean(next, db, tempDir);
});

test('Ctrl-C in a command breaks its query off in the server, which goes on', async () => {
  const { cwd, db, tempDir, env } = home();
  const server = await spawnServer(db, { cwd, env }, ['--sql-dir', at('slow')]);
  for (const moment of [300, 600, 900, 1200]) {
    const guest = spawnCli(['report', 'slow', '--upto', 't', '--sql-dir', at('slow'), '--db', db], { cwd, env });
    await waitFor(
      () =>
        guest.child.exitCode !== null || readdirSync(server.lockFile.spool).some((name) => name.startsWith('client_')),
      'the guest is in',
    );
    await setTimeout(moment);
    guest.child.kill('SIGINT');
    expect(await guest.ended).toEqual({
      status: 130,
      signal: null,
      stdout: '',
      stderr: 'error: interrupted; no changes were made\n',
    });
    await waitFor(() => readdirSync(server.lockFile.spool).join() === 'socket', 'the guest is gone');
  }
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  // With a query still running it would not end.
  expect(await stopServer(server, 'SIGTERM')).toMatchObject({ status: 0 });
  await clean(server, db, tempDir);
});

/** Numbers from 0 to 1, the same in every run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** How long an undisturbed import through a server takes, in milliseconds. */
async function span(): Promise<number> {
  const { cwd, db, env } = home();
  const server = await spawnServer(db, { cwd, env });
  const started = performance.now();
  expect(await runCli(['ingest', second, '--db', db], { cwd, env })).toMatchObject({ status: 0 });
  const took = performance.now() - started;
  await stopServer(server, 'SIGTERM');
  return took;
}

test.each(['SIGKILL', 'SIGINT'] as const)(
  'an import ended by %s at any moment leaves its file in whole or not at all, and the turn to others',
  async (signal) => {
    const [random, whole] = [chance(20260201), await span()];
    const { cwd, db, tempDir, env } = home();
    const server = await spawnServer(db, { cwd, env });
    for (let n = 0; n < 8; n += 1) {
      const guest = spawnCli(['ingest', second, '--db', db, '--force'], { cwd, env });
      await setTimeout(whole * (0.3 + (0.8 * (n + random())) / 8));
      guest.child.kill(signal);
      const { status, stdout, stderr, signal: by } = await guest.ended;
      if (signal === 'SIGINT' && status === 130)
        expect([stdout, stderr]).toEqual(['', 'error: interrupted; no changes were made\n']);
      else expect([0, 'SIGINT', 'SIGKILL']).toContain(status ?? by);
      expect([sessionsOf(before), sessionsOf(after)]).toContainEqual(await holds(db));
      await waitFor(() => readdirSync(server.lockFile.spool).join() === 'socket', 'the guest is gone');
    }
    await wholeOrNot(db, cwd);
    expect(await stopServer(server, 'SIGTERM')).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('error') as string,
    });
    await clean(server, db, tempDir);
  },
  180_000,
);

test('a server killed at any moment of an import leaves its file in whole or not at all; the command says so', async () => {
  const [random, whole] = [chance(20260202), await span()];
  for (let n = 0; n < 6; n += 1) {
    const { cwd, db, env } = home();
    const server = await spawnServer(db, { cwd, env });
    const guest = spawnCli(['ingest', second, '--db', db, '--wait', '0'], { cwd, env });
    await setTimeout(whole * (0.3 + (0.8 * (n + random())) / 6));
    await stopServer(server, 'SIGKILL');
    const { status, stdout, stderr } = await guest.ended;
    if (status === 0) expect(stdout).toContain('50,000 rows read');
    else
      expect([status, stdout, stderr]).toEqual([
        1,
        '',
        'error: the server that holds the database has stopped. Run the command again; no changes were made.\n',
      ]);
    await wholeOrNot(db, cwd);
  }
});

test('imports take turns while another writes: they say that they wait, or end when they may not; readers do not wait', async () => {
  const { cwd, db, env } = home();
  const server = await spawnServer(db, { cwd, env });
  const link = (await RemoteConnection.open(server.lockFile.address))!;
  let letGo!: () => void;
  const held = new Promise<void>((release) => (letGo = release));
  let ended!: Promise<void>;
  await new Promise<void>((begun) => {
    ended = link.withWriteLock(async () => {
      begun();
      await held;
    });
  });
  const small = (name: string, from: number): string => {
    writeFileSync(join(cwd, name), sessionsCsv(from, from + 10, '2024-02-03 00:00:00'));
    return name;
  };
  const waiting = 'another process is writing to the database; waiting (Ctrl-C to cancel)\n';
  const ingest = (name: string, from: number, ...args: string[]): SpawnedCli =>
    spawnCli(['ingest', small(name, from), '--db', db, ...args], { cwd, env });
  const [one, other, hasty, stopped] = [
    ingest('one.csv', 97_010),
    ingest('other.csv', 194_010),
    ingest('hasty.csv', 291_010, '--wait', '0'),
    ingest('stopped.csv', 388_010),
  ];
  await waitFor(
    () => [one, other, stopped].every(({ output }) => output.stderr === waiting),
    'they say that they wait',
  );
  expect(await hasty.ended).toMatchObject({
    status: 5,
    stdout: '',
    stderr: expect.stringContaining(
      'error: another process is writing to the database. Wait until it ends, or stop it.\n',
    ) as string,
  });
  stopped.child.kill('SIGINT');
  expect(await stopped.ended).toEqual({
    status: 130,
    signal: null,
    stdout: '',
    stderr: `${waiting}error: interrupted; no changes were made\n`,
  });
  expect(await holds(db)).toEqual(sessionsOf(before));
  expect((await fetch(`${server.url}/v0/pipes/user_usage.json`)).status).toBe(200);
  letGo();
  await ended;
  await link.close();
  for (const each of [one, other])
    expect(await each.ended).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('10 rows read = 10 new') as string,
      stderr: waiting,
    });
  expect(await stopServer(server, 'SIGTERM')).toMatchObject({ status: 0 });
});
