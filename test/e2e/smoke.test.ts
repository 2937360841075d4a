import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck, type CliResult } from '../support/cli.ts';
import { waitForWalWrite } from './kill-timing.ts';
import { leftoverFiles, runCli, spawnServer, stopServer } from './spawn-cli.ts';
import { databaseContent, sessionsCsv, spawnCliGroup } from './spawn-group.ts';

// The shortest run of the built program that shows it works; the other files of this folder go on from here.
const folder = scratch();
const [alone, served] = [join(folder, 'alone.duckdb'), join(folder, 'served.duckdb')];
const [small, large] = [join(folder, 'small.csv'), join(folder, 'large.csv')];

/** What two runs of one command may differ in. */
const withoutTimes = ({ status, stdout, stderr }: CliResult): unknown =>
  [String(status), stdout, stderr].map((text) =>
    text.replaceAll(/\d+\.\d s\)/g, 's)').replaceAll(/"(elapsed|rows_read|bytes_read)": ?[\d.e-]+/g, '$1'),
  );

beforeAll(async () => {
  writeFileSync(small, sessionsCsv(0, 200, '2024-02-01 00:00:00'));
  writeFileSync(large, sessionsCsv(100, 30_000, '2024-02-02 00:00:00'));
  expect(await runCli(['ingest', small, '--db', alone], { cwd: folder })).toMatchObject({ status: 0 });
  copyFileSync(alone, served);
});

test('commands print the same through a server as on the file; the server stops on SIGTERM and leaves nothing behind', async () => {
  const server = await spawnServer(served, { cwd: folder });
  for (const args of [
    ['report', 'station-analytics'],
    ['report', 'revenue-summary', '--json'],
    ['report', 'energy-trends', '--format', 'csv'],
    ['report', 'get-sessions', '--limit', '3', '--format', 'markdown'],
    ['report', 'nowhere'],
    ['sources', '--json'],
    ['sql', 'select count(*) as n from charging_sessions', '--json'],
    ['quarantine', 'list'],
    ['issues', 'summary', '--as-of', '2024-03-01', '--json'],
    ['ingest', small],
  ]) {
    const [one, other] = await Promise.all([alone, served].map((db) => wattduck([...args, '--db', db])));
    expect(withoutTimes(one!), args.join(' ')).toEqual(withoutTimes(other!));
  }
  const response = await fetch(`${server.url}/v0/pipes/get_sessions.json?limit=2`);
  expect([response.status, ((await response.json()) as { rows: number }).rows]).toEqual([200, 2]);
  expect(await stopServer(server, 'SIGTERM')).toMatchObject({ status: 0, signal: null });
  expect(leftoverFiles(served, server.lockFile)).toEqual([]);
});

test('an ingest killed while it writes is imported completely by the next run', async () => {
  const [db, complete] = [join(folder, 'killed.duckdb'), join(folder, 'complete.duckdb')];
  for (const path of [db, complete]) copyFileSync(alone, path);
  expect(await wattduck(['ingest', large, '--db', complete])).toMatchObject({ status: 0 });
  const ingest = spawnCliGroup(['ingest', large, '--db', db], folder);
  expect(await waitForWalWrite(db, 1, ingest.ended)).toBe(true);
  ingest.child.kill('SIGKILL');
  await ingest.ended;
  expect(await wattduck(['ingest', large, '--db', db])).toMatchObject({ status: 0 });
  expect(await databaseContent(db)).toEqual(await databaseContent(complete));
});
