import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { holdDatabase, killProcess } from '../warehouse/processes.ts';
import { isAlive, select, sessionsCsv, spawnCliGroup } from './spawn-group.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);

/** Files that share some sessions, each file with a version of its own. */
function files(count: number): string[] {
  return Array.from({ length: count }, (_, n) => {
    writeFileSync(at(`file-${n}.csv`), sessionsCsv(n * 4_000, n * 4_000 + 6_000, `2024-02-0${n + 1} 00:00:00`));
    return at(`file-${n}.csv`);
  });
}

test.each([2, 4])('%i processes that ingest into one database take turns', async (count) => {
  const paths = files(count);
  const [alone, db] = [at(`alone-${count}.duckdb`), at(`together-${count}.duckdb`)];
  expect((await wattduck(['ingest', ...paths, '--db', alone])).status).toBe(0);

  const runs = paths.map((path) => spawnCliGroup(['ingest', path, '--db', db], folder));
  const ended = await Promise.all(runs.map((run) => run.ended));
  expect(ended.map(({ status }) => status)).toEqual(paths.map(() => 0));
  expect(runs.map(isAlive)).toEqual(paths.map(() => false));

  // The newest version of a session stays whoever came first, so the rows are those of one process.
  const sessions = 'select count(*)::varchar as n, sum(hash(s))::varchar as rows from charging_sessions s';
  expect(await select(db, sessions)).toEqual(await select(alone, sessions));
  const rejected = 'select parse_filename(file) as file, line, reason, raw from quarantine order by all';
  expect(await select(db, rejected)).toEqual(await select(alone, rejected));
  expect(
    await select(
      db,
      'select file, rows_read, rows_new + rows_updated + rows_unchanged + rows_superseded + rows_quarantined + rows_skipped as told from ingests order by file',
    ),
  ).toEqual(paths.map((file) => ({ file, rows_read: 6_000, told: 6_000 })));
  expect(await select(db, 'select count(*) as files, count(distinct ingest_id) as ids from ingests')).toEqual([
    { files: count, ids: count },
  ]);
});

test('an ingest waits for the process that has the database, and says so', async () => {
  const [path] = files(1) as [string];
  const db = at('held.duckdb');
  expect((await wattduck(['ingest', path, '--db', db])).status).toBe(0);
  const other = await holdDatabase(db);
  const run = spawnCliGroup(['ingest', path, '--force', '--db', db], folder);
  expect(String(await once(run.child.stderr!, 'data'))).toMatch(/wait/i);
  await killProcess(other);
  expect(await run.ended).toMatchObject({ status: 0, stdout: expect.stringContaining('6,000 rows read') as string });
});

test('a report asked for during an ingest waits, and sees the file whole or not yet', async () => {
  const db = at('read.duckdb');
  const [first, second] = files(2) as [string, string];
  expect((await wattduck(['ingest', first, '--db', db])).status).toBe(0);
  const total = async (): Promise<unknown> => {
    const { status, stdout, stderr } = await wattduck([
      'report',
      'user-usage',
      '--db',
      db,
      '--format',
      'csv',
      '--columns',
      'total_sessions',
    ]);
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^([^\n]*wait[^\n]*\n)?$/i)]);
    return stdout;
  };
  const before = await total();
  const writer = spawnCliGroup(['ingest', second, '--db', db], folder);
  let running = true;
  const ended = writer.ended.finally(() => (running = false));
  const seen: unknown[] = [];
  while (running) seen.push(await total());
  expect((await ended).status).toBe(0);
  const after = await total();
  expect(after).not.toEqual(before);
  for (const each of seen) expect([before, after]).toContain(each);
});
