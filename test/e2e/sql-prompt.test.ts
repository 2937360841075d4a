import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';
import { hasPty, isRestored, key, startInTerminal, type Terminal } from '../support/pty.ts';

const folder = scratch();
const db = join(folder, 'prompt.duckdb');
beforeAll(async () => {
  await importFiles(['test/reports/data/dozen/dozen.csv'], db);
});

const open = (history: string): Terminal =>
  startInTerminal(['sql', '--db', db], { env: { WATTDUCK_HISTORY: join(folder, history), NO_COLOR: '1' } });

/** Waits for the n-th prompt: keys pressed before it reach the terminal of the shell. */
const prompted = (terminal: Terminal, n: number): Promise<void> =>
  terminal.waitFor(new RegExp(`(wattduck> [\\s\\S]*){${n}}`));

test.skipIf(!hasPty)('queries run one after the other, over several lines, and errors do not end it', async () => {
  const terminal = open('several');
  await prompted(terminal, 1);
  terminal.press('.help\r');
  await prompted(terminal, 2);
  terminal.press('select count(*) as number_of\r');
  await terminal.waitFor('...> ');
  terminal.press('from charging_sessions;\r');
  await prompted(terminal, 3);
  expect(terminal.screen()).toMatch(/\n *12\r?\n/);
  terminal.press('select nope;\r');
  await prompted(terminal, 4);
  terminal.press('.nope\r');
  await prompted(terminal, 5);
  terminal.press('.tables\r');
  await prompted(terminal, 6);
  terminal.press('.quit\r');
  const { screen, status } = await terminal.ended;
  expect(status).toBe(0);
  for (const text of ['Ctrl-D', 'error: ', 'unknown command ".nope"', 'charging_sessions\r'])
    expect(screen).toContain(text);
  expect(isRestored(screen)).toBe(true);
});

test.skipIf(!hasPty)('a paste of several statements runs all of them', async () => {
  const terminal = open('paste');
  await prompted(terminal, 1);
  terminal.press('select 11 * 11 as a;\rselect 12 * 12\ras b;\r');
  await prompted(terminal, 2);
  terminal.press('\u0004');
  const { screen, status } = await terminal.ended;
  expect(status).toBe(0);
  expect(screen).toMatch(/\n *121\r?\n[\s\S]*\n *144\r?\n/);
});

test.skipIf(!hasPty)('Ctrl-C clears the input, and the history is kept for the next time', async () => {
  const first = open('kept');
  await prompted(first, 1);
  first.press('select 7 * 191 as kept;\r');
  await prompted(first, 2);
  first.press('select unfinished\r');
  await first.waitFor('...> ');
  first.press(key.ctrlC);
  await prompted(first, 3);
  first.press('select 2 * 21 as fresh;\r');
  await first.waitFor(/\n *42\r?\n[\s\S]*wattduck> /);
  first.press('.quit\r');
  expect((await first.ended).status).toBe(0);
  const path = join(folder, 'kept');
  expect(readFileSync(path, 'utf8')).toContain('select 7 * 191 as kept;\n');
  expect(statSync(path).mode & 0o077).toBe(0);
  const second = open('kept');
  await prompted(second, 1);
  // The lines before: .quit, and the query for 42.
  second.press('\u001b[A\u001b[A\r');
  await second.waitFor(/\n *42\r?\n[\s\S]*wattduck> /);
  second.press('\u0004');
  expect((await second.ended).status).toBe(0);
});

test('without a terminal, a missing statement is an error', async () => {
  const { status, stderr } = await wattduck(['sql', '--db', db]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error: /);
});
