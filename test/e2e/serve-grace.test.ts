import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { writeReports } from '../support/report-files.ts';
import { createHomes, leftoverFiles, runCli, spawnCli, spawnServer, stopServer, waitFor } from './spawn-cli.ts';
import { sessionsCsv } from './spawn-group.ts';

const folder = scratch();
const filled = join(folder, 'filled.duckdb');
const home = createHomes(folder, filled);
/** Milliseconds a server may take to end; it aims at 9.5 seconds, the rest is for a busy machine. */
const bound = 25_000;

/** DuckDB can't interrupt one call of a function, and this one compares two texts of 400,000 characters. */
const reports = writeReports({
  stuck: {
    columns: ['distance'],
    sql: "select levenshtein(repeat('ab', 200000 + char_length(session_id)), repeat('ba', 200000)) as distance from charging_sessions where session_id = 's1'",
  },
});

beforeAll(async () => {
  writeFileSync(join(folder, 'sessions.csv'), sessionsCsv(0, 60_000, '2024-02-01 00:00:00'));
  expect((await wattduck(['ingest', join(folder, 'sessions.csv'), '--db', filled])).status).toBe(0);
});

const post = (url: string): Promise<Response> =>
  fetch(`${url}/v0/events?name=charging_sessions&wait=true`, {
    method: 'POST',
    body: '{"session_id": "sent", "station_id": "S", "start_time": "2024-01-01 00:00:00"}',
  });

const sent = async (db: string, cwd: string): Promise<string> =>
  (
    await runCli(
      ['sql', "select count(*) as n from charging_sessions where session_id = 'sent'", '--db', db, '--format', 'csv'],
      { cwd },
    )
  ).stdout;

/** A request whose answer nobody reads. */
async function unread(url: string, path: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').pause();
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
}

const running = async (url: string): Promise<number> =>
  Number(/wattduck_queries\{state="running"\} (\d+)/.exec(await (await fetch(`${url}/metrics`)).text())?.[1]);

test('SIGTERM ends a server though a client never reads its answer', async () => {
  const { cwd, db, tempDir, env } = home();
  const server = await spawnServer(db, { cwd, env });
  await unread(server.url, '/v0/pipes/get_sessions.ndjson?limit=60000');
  await waitFor(async () => (await running(server.url)) > 0, 'the answer is under way');
  const begun = performance.now();
  expect(await stopServer(server, 'SIGTERM')).toMatchObject({ status: 0, signal: null });
  expect(performance.now() - begun).toBeLessThan(bound);
  expect([leftoverFiles(db, server.lockFile), readdirSync(tempDir)]).toEqual([[], []]);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends a server though its queries can not be interrupted; what was acknowledged stays',
  async (signal) => {
    const { cwd, db, tempDir, env } = home();
    const server = await spawnServer(db, { cwd, env }, ['--sql-dir', reports]);
    expect((await post(server.url)).status).toBe(200);
    const asked = fetch(`${server.url}/v0/pipes/stuck.json`).catch((error: unknown) => error);
    const command = spawnCli(['report', 'stuck', '--sql-dir', reports, '--db', db], { cwd, env });
    await waitFor(
      async () =>
        (await running(server.url)) > 0 &&
        readdirSync(server.lockFile.spool).some((name) => name.startsWith('client_')),
      'both queries run',
    );
    const begun = performance.now();
    const ended = await stopServer(server, signal);
    expect(performance.now() - begun).toBeLessThan(bound);
    expect(ended).toMatchObject({ status: null, signal });
    expect(ended.stderr.split('\n').at(-2)).toBe(
      'Stopped after 9.5 seconds: cancelled 1 request and 1 command; every confirmed row is in the database',
    );
    expect(await asked).toBeInstanceOf(TypeError);
    expect(await command.ended).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('the server that holds the database has stopped') as string,
    });
    expect([leftoverFiles(db, server.lockFile), readdirSync(tempDir)]).toEqual([[`${db}.wal`], []]);
    expect(await sent(db, cwd)).toBe('n\n1\n');
  },
);
