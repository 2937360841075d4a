import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { hasPty, isRestored, noPty, startInTerminal, visibleLines } from '../support/pty.ts';

const db = join(scratch(), 'pager.duckdb');

beforeAll(async () => {
  expect((await wattduck(['ingest', 'test/reports/data/dozen/dozen.csv', '--db', db])).status).toBe(0);
});

// 200 lines do not fit the 30 lines of the terminal.
const long = ['sql', 'select range as n from range(200)', '--db', db];
const short = ['sql', 'select range as n from range(3)', '--db', db];
const run = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> => {
  const { screen, status } = await startInTerminal(args, { env }).ended;
  expect(status).toBe(0);
  return visibleLines(screen);
};

test.skipIf(!hasPty).each([
  ['a table', long, 'table'],
  ['a stream', [...long, '-f', 'csv'], 'csv'],
])('%s longer than the screen goes through the pager', async (_, args) => {
  const lines = await run(args, { PAGER: 'sed s/^/paged:/' });
  expect(lines.length).toBeGreaterThan(200);
  expect(lines.filter((line) => !line.startsWith('paged:'))).toEqual([]);
  expect(lines.at(-1)).toMatch(/^paged: *199$/);
});

test.skipIf(!hasPty)('short output does not', async () => {
  expect((await run(short, { PAGER: 'sed s/^/paged:/' })).at(-1)).toMatch(/^ *2$/);
});

test.skipIf(!hasPty).each(['', 'cat', ' cat '])('PAGER=%j turns it off', async (pager) => {
  const lines = await run(long, { PAGER: pager });
  expect(lines).toHaveLength(202);
});

test.skipIf(!hasPty)('quitting the pager early is no error', async () => {
  const lines = await run(['sql', 'select range as n from range(100000)', '--db', db, '-f', 'csv'], {
    PAGER: 'head -2',
  });
  expect(lines).toEqual(['n', '0']);
});

test.skipIf(!hasPty)('a pager that does not exist loses no line', async () => {
  const lines = await run(long, { PAGER: 'no-such-pager-here' });
  expect(lines.filter((line) => /^\d+$/.test(line))).toHaveLength(200);
});

test.skipIf(!hasPty)('less is the default, shows colours, and leaves the terminal as it was', async () => {
  const { PAGER: _, LESS: __, ...env } = process.env;
  const terminal = startInTerminal(long, { env: { ...env, PAGER: undefined, LESS: undefined } });
  await terminal.waitFor(' 26');
  terminal.press('G');
  await terminal.waitFor('(END)');
  terminal.press('q');
  const { screen, status } = await terminal.ended;
  expect(status).toBe(0);
  expect(screen).toContain('\u001b[1m');
  expect(isRestored(screen)).toBe(true);
});

test.runIf(!hasPty)('a pager needs a terminal', () => {
  expect(noPty).toContain('not installed');
});
