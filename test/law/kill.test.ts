import { copyFileSync, existsSync, mkdirSync, readdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { content, isAlive, sessionsCsv, start, type Started } from './program.ts';

const folder = scratch();
const at = (...names: string[]): string => join(folder, ...names);
const [first, second, filled, temporary] = [at('first.csv'), at('second.csv'), at('filled.duckdb'), at('temporary')];

/** What the database holds before the second file, and with it. */
let before: unknown;
let after: unknown;
/** How long an undisturbed run takes, and how long of it the log stands beside the database, in milliseconds. */
let span: number;
let logSpan: number;

/** Numbers from 0 to 1, the same in every run; what the program is doing at such a moment of its run never is quite the same. */
function chance(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

let databases = 0;
/** A folder with a database that holds the first file, and nothing else. */
function fresh(): { home: string; db: string } {
  const home = at(`home-${(databases += 1)}`);
  mkdirSync(home);
  copyFileSync(filled, join(home, 'x.duckdb'));
  return { home, db: join(home, 'x.duckdb') };
}

const ingestSecond = (db: string): Started => start(['ingest', second, '--db', db], temporary);

/** When the log of a commit turns up, or the run has ended without. */
async function logOrEnd(db: string, run: Started): Promise<void> {
  const watcher = watch(join(db, '..'));
  const log = new Promise<void>((done) => watcher.on('change', () => existsSync(`${db}.wal`) && done()));
  await Promise.race([log, run.ended]);
  watcher.close();
}

beforeAll(async () => {
  mkdirSync(temporary);
  writeFileSync(first, sessionsCsv(0, 2_000, '2024-02-01 00:00:00'));
  // Half of the first file's sessions come again, newer.
  writeFileSync(second, sessionsCsv(1_000, 31_000, '2024-02-02 00:00:00'));
  expect((await wattduck(['ingest', first, '--db', filled])).status).toBe(0);
  before = await content(filled);
  const { db } = fresh();
  const started = performance.now();
  const run = ingestSecond(db);
  await logOrEnd(db, run);
  const logged = performance.now();
  expect((await run.ended).status).toBe(0);
  [span, logSpan] = [performance.now() - started, performance.now() - logged];
  after = await content(db);
  expect(after).not.toEqual(before);
});

/** The file is in whole or not at all, and a second run makes it whole, leaving nothing beside the database. */
async function wholeOrNot(home: string, db: string): Promise<'before' | 'after'> {
  const found = await content(db);
  expect([before, after]).toContainEqual(found);
  const { status, stderr } = await wattduck(['ingest', second, '--db', db]);
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('error')]);
  expect(await content(db)).toEqual(after);
  expect(readdirSync(home)).toEqual(['x.duckdb']);
  return JSON.stringify(found) === JSON.stringify(before) ? 'before' : 'after';
}

/** Runs the work for each of the numbers, two at a time. */
async function twoAtATime(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work((next += 1) - 1);
  };
  await Promise.all([lane(), lane()]);
}

test('an ingest killed at any moment leaves its file in whole or not at all, and can be run again', async () => {
  const random = chance(20260105);
  const found: string[] = [];
  await twoAtATime(50, async (n) => {
    const { home, db } = fresh();
    const run = ingestSecond(db);
    // Most are spread over the whole run, every fifth falls into commit and checkpoint, which are short.
    if (n % 5 === 4) {
      await logOrEnd(db, run);
      await setTimeout(random() * logSpan);
    } else {
      // Two at a time each take longer than one alone.
      await setTimeout(((n + random()) / 50) * span * 1.4);
    }
    run.child.kill('SIGKILL');
    const { signal } = await run.ended;
    expect(isAlive(run)).toBe(false);
    const state = await wholeOrNot(home, db);
    if (signal !== null) found.push(state);
  });
  // Else nothing was tried: the first moments come long before the file can be in.
  expect(found).toContain('before');
}, 180_000);

test('Ctrl-C at any moment ends an ingest in one clear line, or comes too late', async () => {
  const random = chance(20260106);
  const answers: (number | null)[] = [];
  for (let n = 0; n < 5; n += 1) {
    const { home, db } = fresh();
    const run = ingestSecond(db);
    await setTimeout((0.4 + (random() + n) / 10) * span);
    run.child.kill('SIGINT');
    const { status, signal, stdout, stderr } = await run.ended;
    expect(isAlive(run)).toBe(false);
    const found = await content(db);
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
  // Else the system alone answered, and the program was never asked.
  expect(answers.some((status) => status !== null)).toBe(true);
}, 60_000);

test('Ctrl-C between two files ends an ingest of many', async () => {
  const many = Array.from({ length: 30 }, (_, n) => at(`many-${n}.csv`));
  for (const [n, path] of many.entries()) writeFileSync(path, sessionsCsv(n * 10, n * 10 + 10, '2024-02-03 00:00:00'));
  for (let n = 0; n < 5; n += 1) {
    const { db } = fresh();
    const run = start(['ingest', ...many, '--db', db], temporary);
    run.child.stdout!.once('data', () => run.child.kill('SIGINT'));
    expect(await run.ended).toMatchObject({ status: 130, stderr: expect.stringMatching(/(^|\n)error: interrupted[^\n]*\n$/) as string });
  }
});
