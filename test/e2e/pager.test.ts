import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';
import { hasPty, isRestored, noPty, startInTerminal, visibleLines } from '../support/pty.ts';

const db = join(scratch(), 'pager.duckdb');

const many = join(dirname(db), 'many.duckdb');

beforeAll(async () => {
  if (!hasPty) return;
  const csv = join(dirname(db), 'many.csv');
  const rows = Array.from({ length: 60_000 }, (_, at) => `s${at},A,2024-01-01 08:00:00,2024-01-01 09:00:00,5`);
  writeFileSync(csv, ['session_id,station_id,start_time,end_time,energy_kwh', ...rows].join('\n'));
  expect((await wattduck(['ingest', csv, '--db', many])).status).toBe(0);
  await importFiles(['test/reports/data/dozen/dozen.csv'], db);
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
  for (const args of [long, ['sql', 'select range as n from range(200)', '--db', db, '-f', 'csv']]) {
    const lines = await run(args, { PAGER: 'no-such-pager-here' });
    expect(lines.filter((line) => /^\d+$/.test(line))).toHaveLength(200);
  }
  // A stream has many pieces, of which the first ones go to the pager.
  const report = ['report', 'get-sessions', '--all', '-f', 'csv', '--columns', 'session_id', '--db', many];
  const rows = await run(report, { PAGER: 'no-such-pager-here' });
  expect(rows.filter((line) => /^s\d+$/.test(line))).toHaveLength(60_000);
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
