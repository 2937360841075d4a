import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch } from '../support/cli.ts';
import { hasPty, startInTerminal, visibleLines } from '../support/pty.ts';
import { sessionsCsv } from './spawn-group.ts';

const folder = scratch();
const file = join(folder, 'sessions.csv');
beforeAll(() => writeFileSync(file, sessionsCsv(0, 400_000, '2024-01-02 00:00:00')));

test.skipIf(!hasPty)('an import shows its stages on a terminal, and leaves no trace of them', async () => {
  const { screen, status } = await startInTerminal(['ingest', file, '--db', join(folder, 'a.duckdb')]).ended;
  expect(status).toBe(0);
  expect(screen).toMatch(/sessions\.csv: reading/);
  expect(screen).toMatch(/sessions\.csv: checking/);
  expect(visibleLines(screen).filter((line) => line.includes('reading'))).toEqual([]);
});

test.skipIf(!hasPty)('--quiet shows nothing at all', async () => {
  const { screen, status } = await startInTerminal(['ingest', file, '-q', '--db', join(folder, 'b.duckdb')]).ended;
  expect(status).toBe(0);
  expect(visibleLines(screen)).toEqual([]);
});

test.skipIf(!hasPty)('an export shows the report it writes', async () => {
  const args = ['export', join(folder, 'out'), '--reports', 'user-usage,station-analytics'];
  const { screen } = await startInTerminal([...args, '--db', join(folder, 'a.duckdb')]).ended;
  expect(screen).toContain('station-analytics (2 of 2)');
});

test.skipIf(!hasPty)('an error begins in red on a terminal, and long messages break between words', async () => {
  const args = ['sql', 'select * from no_such_table_with_quite_a_long_name_here', '--db', join(folder, 'a.duckdb')];
  const red = await startInTerminal(args).ended;
  expect(red.screen).toContain('\u001b[31merror:\u001b[39m');
  const lines = visibleLines(red.screen);
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  const plain = await startInTerminal(args, { env: { NO_COLOR: '1' } }).ended;
  expect(plain.screen).not.toContain('\u001b[31m');
});
