import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { isFull, runs } from '../support/runs.ts';
import { needsMore, seededRandom, waitForWalWrite, type KillCounts } from './kill-timing.ts';
import { databaseContent, isAlive, sessionsCsv, spawnCliGroup, type SpawnedGroup } from './spawn-group.ts';

const folder = scratch();
const at = (...names: string[]): string => join(folder, ...names);
const [first, second, filled, temporary] = [at('first.csv'), at('second.csv'), at('filled.duckdb'), at('temporary')];

/** What the database holds before the second file, and with it. */
let before: unknown;
let after: unknown;
/** How long the newest run took that was not killed, in milliseconds. */
let span: number;

let databases = 0;
/** A folder with a database that holds the first file, and nothing else. */
function fresh(): { home: string; db: string } {
  const home = at(`home-${(databases += 1)}`);
  mkdirSync(home);
  copyFileSync(filled, join(home, 'x.duckdb'));
  return { home, db: join(home, 'x.duckdb') };
}

const ingestSecond = (db: string): SpawnedGroup => spawnCliGroup(['ingest', second, '--db', db], temporary);

beforeAll(async () => {
  mkdirSync(temporary);
  writeFileSync(first, sessionsCsv(0, 2_000, '2024-02-01 00:00:00'));
  // Half of the first file's sessions come again, newer.
  writeFileSync(second, sessionsCsv(1_000, 31_000, '2024-02-02 00:00:00'));
  expect((await wattduck(['ingest', first, '--db', filled])).status).toBe(0);
  before = await databaseContent(filled);
  const { db } = fresh();
  const started = performance.now();
  expect((await ingestSecond(db).ended).status).toBe(0);
  span = performance.now() - started;
  after = await databaseContent(db);
  expect(after).not.toEqual(before);
});

/** The file is in whole or not at all, and a second run makes it whole, leaving nothing beside the database. */
async function wholeOrNot(home: string, db: string): Promise<'before' | 'after'> {
  const found = await databaseContent(db);
  expect([before, after]).toContainEqual(found);
  const { status, stderr } = await wattduck(['ingest', second, '--db', db]);
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('error')]);
  expect(await databaseContent(db)).toEqual(after);
  expect(readdirSync(home)).toEqual(['x.duckdb']);
  return JSON.stringify(found) === JSON.stringify(before) ? 'before' : 'after';
}

const logOf = (db: string): number => statSync(`${db}.wal`, { throwIfNoEntry: false })?.size ?? 0;

test(
  'an ingest killed at any moment leaves its file in whole or not at all, and can be run again',
  async () => {
    const random = seededRandom(20260105);
    const hits: KillCounts = { wanted: runs(60), wantedAtCommit: runs(15), hits: 0, atCommit: 0 };
    const found = { before: 0, after: 0 };
    let attempts = 0;
    const lane = async (): Promise<void> => {
      while (needsMore(hits, attempts)) {
        attempts += 1;
        const { home, db } = fresh();
        const begun = performance.now();
        const run = ingestSecond(db);
        // Half of them at any moment, half while the commit and its checkpoint write.
        if (attempts % 2 === 0 && hits.hits - hits.atCommit < hits.wanted - hits.wantedAtCommit)
          await Promise.race([setTimeout(random() * span), run.ended]);
        else await waitForWalWrite(db, 1 + Math.floor(random() * 4), run.ended);
        run.child.kill('SIGKILL');
        const { signal } = await run.ended;
        expect(isAlive(run)).toBe(false);
        if (signal === null) span = performance.now() - begun;
        // The log is there from the beginning of the commit to the end of the checkpoint.
        else if (logOf(db) > 0) hits.atCommit += 1;
        if (signal !== null) hits.hits += 1;
        found[await wholeOrNot(home, db)] += 1;
      }
    };
    await Promise.all([lane(), lane()]);
    if (isFull) console.log('killed ingests:', { ...hits, attempts, ...found });
    expect(found.before).toBeGreaterThan(0);
  },
  isFull ? 3_600_000 : 300_000,
);

test(
  'Ctrl-C at any moment ends an ingest in one clear line, or comes too late',
  async () => {
    const random = seededRandom(20260106);
    const answers: (number | null)[] = [];
    // Until the program itself answered, and not the system alone, however long it takes to start.
    for (let n = 0; n < runs(30) || !answers.includes(130); n += 1) {
      expect(n).toBeLessThan(runs(30) * 5);
      const { home, db } = fresh();
      const begun = performance.now();
      const run = ingestSecond(db);
      await Promise.race([setTimeout(random() * span), run.ended]);
      run.child.kill('SIGINT');
      const { status, signal, stdout, stderr } = await run.ended;
      expect(isAlive(run)).toBe(false);
      if (status === 0) span = performance.now() - begun;
      const found = await databaseContent(db);
      answers.push(status);
      // Before the program listens, and once it closes, the system itself answers Ctrl-C.
      if (stdout !== '') {
        expect(stdout).toContain('30,000 rows read');
        expect([0, 'SIGINT']).toContain(status ?? signal);
        expect(found).toEqual(after);
      } else {
        expect([130, 'SIGINT']).toContain(status ?? signal);
        expect(stderr).toMatch(status === 130 ? /^error: interrupted[^\n]*\n$/ : /^$/);
        // Between the commit and its account, all of it is in.
        expect([before, after]).toContainEqual(found);
      }
      await wholeOrNot(home, db);
    }
  },
  isFull ? 3_600_000 : 300_000,
);

test('Ctrl-C between two files ends an ingest of many', async () => {
  const many = Array.from({ length: 30 }, (_, n) => at(`many-${n}.csv`));
  for (const [n, path] of many.entries()) writeFileSync(path, sessionsCsv(n * 10, n * 10 + 10, '2024-02-03 00:00:00'));
  for (let n = 0; n < 5; n += 1) {
    const { db } = fresh();
    const run = spawnCliGroup(['ingest', ...many, '--db', db], temporary);
    run.child.stdout!.once('data', () => run.child.kill('SIGINT'));
    expect(await run.ended).toMatchObject({
      status: 130,
      stderr: expect.stringMatching(/(^|\n)error: interrupted[^\n]*\n$/) as string,
    });
  }
});
