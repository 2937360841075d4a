import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';

const folder = scratch();
const db = join(folder, 'record.duckdb');

beforeAll(async () => {
  await importFiles(['test/reports/data/dozen/dozen.csv'], db);
});

const query = ['sql', "select * from (values ('A', 1234, null), ('B', 5, 'x')) t(station_id, n, remark)", '--db', db];
const expected = [
  'station id  A',
  'n           1,234',
  'remark      –',
  '',
  'station id  B',
  'n           5',
  'remark      x',
  '',
];

test('--format record prints a line per field, and an empty line between rows', async () => {
  expect(await wattduck([...query, '--format', 'record'])).toEqual({
    status: 0,
    stdout: expected.join('\n'),
    stderr: '',
  });
  const out = join(folder, 'out.txt');
  expect((await wattduck([...query, '-f', 'record', '-o', out])).status).toBe(0);
  expect(readFileSync(out, 'utf8')).toBe(expected.join('\n'));
  expect((await wattduck([...query, '-f', 'record', '--columns', 'n'])).stdout).toBe('n  1,234\n\nn  5\n');
});

test('a total is the last record, and no rows print nothing', async () => {
  const report = ['report', 'revenue-by-tariff', '--db', db, '-f', 'record', '--columns', 'tariff_id,session_count'];
  const { stdout } = await wattduck([...report, '--total']);
  expect(stdout.trim().split('\n\n').at(-1)).toMatch(/^tariff id +Total\nsession count +\d+$/);
  expect(await wattduck([...report, '--period', '2020'])).toMatchObject({ status: 0, stdout: '' });
  expect((await wattduck([...report, '--period', '2020'])).stderr).toMatch(/^no rows: /m);
});

test('--wide on a terminal prints records if the table is wider, and a table if it fits', async () => {
  const wide = (terminal?: number, ...args: string[]): Promise<string> =>
    wattduck([...query, '--wide', ...args], {
      ...(terminal === undefined ? {} : { terminal }),
      env: { NO_COLOR: '1' },
    }).then(({ stdout }) => stdout);
  const table = await wide(120);
  expect(table.split('\n')[0]).toMatch(/^station id +n +remark$/);
  // 10 + 2 + 5 + 2 + 6 columns: the table fits exactly.
  expect(await wide(25)).toBe(table);
  expect(await wide(24)).toBe(expected.join('\n'));
  // A table that is asked for is a table.
  expect(await wide(24, '-f', 'table')).toBe(table);
  // In a pipe, width is unlimited.
  expect(await wide()).toBe(table);
});
