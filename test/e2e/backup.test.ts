import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { createHomes, runCli, spawnCli, spawnServer, stopServer, waitFor } from './spawn-cli.ts';
import { select } from './spawn-group.ts';

const folder = scratch();
const filled = join(folder, 'filled.duckdb');
const home = createHomes(folder, filled);
/** Rows of each batch, which is sent in one request. */
const batchSize = 50;

beforeAll(async () => {
  writeFileSync(join(folder, 'first.csv'), 'session_id,station_id,user_id,start_time\n0,s,first,2025-01-01 00:00:00\n');
  expect((await wattduck(['ingest', join(folder, 'first.csv'), '--db', filled])).status).toBe(0);
});

const batch = (n: number): string =>
  Array.from({ length: batchSize }, (_, at) =>
    JSON.stringify({ session_id: `${n}-${at}`, station_id: 's', user_id: `b${n}`, start_time: '2025-01-02 00:00:00' }),
  ).join('\n');

test('backups during continuous imports are each the state of one moment, later ones later', async () => {
  const { cwd, db, env } = home();
  const server = await spawnServer(db, { cwd, env });
  let [sent, isOver] = [0, false];
  const sending = (async () => {
    while (!isOver) {
      const url = `${server.url}/v0/events?name=charging_sessions&wait=true`;
      const answer = await fetch(url, { method: 'POST', body: batch(sent) });
      expect(await answer.json()).toEqual({ successful_rows: batchSize, quarantined_rows: 0 });
      sent += 1;
    }
  })();
  let previous = 0;
  for (let n = 0; n < 5; n += 1) {
    const sentBefore = sent;
    const copy = join(cwd, `copy-${n}.duckdb`);
    expect(await runCli(['backup', copy, '--db', db], { cwd, env })).toMatchObject({ status: 0, stderr: '' });
    const sentAfter = sent;
    const rows = await select(
      copy,
      "select user_id as name, count(*) as n from charging_sessions where user_id <> 'first' group by user_id",
    );
    // Whole batches, without a gap, with all that was confirmed before, and nothing that was sent after.
    expect(rows.every((row) => Number(row['n']) === batchSize)).toBe(true);
    const names = new Set(rows.map(({ name }) => String(name)));
    expect(Array.from({ length: rows.length }, (_, at) => names.has(`b${at}`))).toEqual(Array(rows.length).fill(true));
    expect(rows.length).toBeGreaterThanOrEqual(Math.max(sentBefore, previous));
    expect(rows.length).toBeLessThanOrEqual(sentAfter + 1);
    previous = rows.length;
  }
  isOver = true;
  await sending;
  expect(sent).toBeGreaterThan(5);
  // Nothing of the copies is left in the folder of the server.
  await waitFor(() => readdirSync(server.lockFile.spool).every((name) => !name.startsWith('client_')), 'clients left');
  expect(await stopServer(server, 'SIGTERM')).toMatchObject({ status: 0 });
  expect(readdirSync(cwd).filter((name) => name.startsWith('.wattduck'))).toEqual([]);
});

test('a backup that is killed leaves no file of its name, and the server goes on', async () => {
  const { cwd, db, env } = home();
  const server = await spawnServer(db, { cwd, env });
  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    const { child, ended } = spawnCli(['backup', join(cwd, 'killed.duckdb'), '--db', db], { cwd, env });
    await waitFor(() => readdirSync(cwd).some((name) => name.startsWith('.wattduck-backup-')), 'it has begun');
    child.kill(signal);
    await ended;
  }
  expect(existsSync(join(cwd, 'killed.duckdb'))).toBe(false);
  expect(await runCli(['backup', join(cwd, 'next.duckdb'), '--db', db], { cwd, env })).toMatchObject({ status: 0 });
  expect(await stopServer(server, 'SIGTERM')).toMatchObject({ status: 0 });
});
