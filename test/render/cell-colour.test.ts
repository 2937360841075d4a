import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderTable } from '../../src/render/table.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';

const db = join(scratch(), 'colour.duckdb');
const query =
  "select 'Faulted' as status, -5 as n, 'critical' as severity union all select 'Available', 7, 'low' order by 2";
const [red, end] = ['\u001B[31m', '\u001B[39m'];

test('faults, critical issues and negative numbers are red on a terminal; the words and signs stay', async () => {
  await importFiles(['test/reports/data/dozen/dozen.csv'], db);
  const args = ['sql', query, '--db', db];
  const [plain, coloured] = [await wattduck(args), await wattduck(args, { terminal: 80 })];
  expect(coloured.stdout).toContain(`${red}Faulted${end}`);
  expect(coloured.stdout).toContain(`${red}-5${end}`);
  expect(coloured.stdout).toContain(`${red}critical${end}`);
  expect(coloured.stdout).not.toContain(`${red}7`);
  // oxlint-disable-next-line no-control-regex
  expect(coloured.stdout.replaceAll(/\u001B\[\d+m/g, '')).toBe(plain.stdout);
  expect((await wattduck(args, { terminal: 80, env: { NO_COLOR: '1' } })).stdout).toBe(plain.stdout);
  expect((await wattduck(args, { terminal: 80, env: { TERM: 'dumb' } })).stdout).toBe(plain.stdout);
  expect((await wattduck(args, { env: { FORCE_COLOR: '1' } })).stdout).toBe(coloured.stdout);
  expect((await wattduck([...args, '-f', 'record'], { terminal: 80 })).stdout).toContain(`${red}Faulted${end}`);
  expect((await wattduck([...args, '-f', 'csv'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(red);
});

test('a heading has at most three lines', async () => {
  const name = 'average_kwh_of_all_sessions_in_a_month';
  const { text } = await renderTable([{ name, type: 'BIGINT' }], [{ [name]: 1 }], {
    width: 80,
    colour: false,
    currency: undefined,
  });
  const lines = text.split('\n');
  expect(lines.findIndex((line) => line.startsWith('─'))).toBe(3);
  expect(lines.slice(0, 3).join(' ').trim().split(/\s+/).join('_')).toBe(name);
});
