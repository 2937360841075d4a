import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'x.duckdb');
writeFileSync(
  join(folder, 's.csv'),
  'session_id,station_id,start_time,energy_kwh\n=1+1,@SUM(A1),2024-01-01 00:00:00,4\n"-2+3",plain,2024-01-01 00:00:00,5\n',
);
expect((await wattduck(['ingest', join(folder, 's.csv'), '--db', db])).status).toBe(0);

const csv = async (args: readonly string[]): Promise<string> => {
  const { status, stdout, stderr } = await wattduck([...args, '--db', db, '--format', 'csv']);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
};
const select = (value: string, options: readonly string[] = []): Promise<string> =>
  csv(['sql', `select ${value} as v`, ...options]);

describe('values a spreadsheet would run', () => {
  test.each([
    ["'=1+1'", '=1+1'],
    ["'+1'", '+1'],
    ["'-1'", '-1'],
    ["'@SUM(A1)'", '@SUM(A1)'],
    ["chr(9) || 'x'", '\tx'],
    ["'＝1+1'", '＝1+1'],
    ["'＋1'", '＋1'],
    ["'－1'", '－1'],
    ["'＠a'", '＠a'],
  ])('%s', async (sql, plain) => {
    expect(await select(sql)).toBe(`v\n${plain}\n`);
    expect(await select(sql, ['--csv-safe'])).toBe(`v\n"'${plain}"\n`);
  });

  test('quotes, separators and line breaks are escaped too', async () => {
    expect(await select(`'=HYPERLINK("a","b")'`, ['--csv-safe'])).toBe(`v\n"'=HYPERLINK(""a"",""b"")"\n`);
    expect(await select(`'=1,2'`, ['--csv-safe'])).toBe(`v\n"'=1,2"\n`);
    expect(await select(`chr(13) || '=1'`, ['--csv-safe'])).toBe(`v\n"'\r=1"\n`);
    expect(await select(`chr(10) || '=1'`, ['--csv-safe'])).toBe(`v\n"'\n=1"\n`);
  });

  test('column names are escaped too', async () => {
    expect(await csv(['sql', 'select 1 as "=1+1"', '--csv-safe'])).toBe(`"'=1+1"\n1\n`);
  });
});

test.each([
  ['-5', '-5'],
  ['-1.5', '-1.5'],
  ['-170141183460469231731687303715884105727::hugeint', '-170141183460469231731687303715884105727'],
  ["'a=b'", 'a=b'],
  ["''", ''],
  ["'5 - 3'", '5 - 3'],
  ["date '2024-01-01'", '2024-01-01'],
  ['null', ''],
  ['true', 'true'],
  ['-0.25::decimal(10, 2)', '-0.25'],
])('%s stays unchanged', async (sql, plain) => {
  expect(await select(sql, ['--csv-safe'])).toBe(`v\n${plain}\n`);
});

test('every command that writes CSV has the option, buffered and streamed', async () => {
  expect(await csv(['report', 'get-sessions', '--csv-safe', '--columns', 'session_id,station_id'])).toBe(
    `session_id,station_id\n"'-2+3",plain\n"'=1+1","'@SUM(A1)"\n`,
  );
  expect(await csv(['report', 'get-sessions', '--csv-safe', '--all', '--columns', 'session_id'])).toBe(
    `session_id\n"'-2+3"\n"'=1+1"\n`,
  );
  expect(await csv(['report', 'get-sessions', '--columns', 'session_id'])).toBe('session_id\n-2+3\n=1+1\n');
  for (const args of [
    ['sources'],
    ['ingests'],
    ['issues', '--as-of', '2024-01-02'],
    ['token', 'list'],
    ['doctor'],
    ['quarantine', 'list'],
  ]) {
    const { status, stderr } = await wattduck([...args, '--csv-safe', '--db', db, '--format', 'csv']);
    expect([status, stderr.replace(/^no rows: .*\n/, '')]).toEqual([0, '']);
  }
  const { stdout } = await wattduck(['quarantine', 'export', '--csv-safe', '--db', db]);
  expect(stdout).toMatch(/^quarantine_id/);
});

test('another format is rejected', async () => {
  const { status, stderr } = await wattduck(['sql', 'select 1 as a', '--db', db, '--csv-safe', '--format', 'json']);
  expect([status, stderr]).toEqual([2, 'error: --csv-safe cannot be combined with json output. Add --format csv.\n']);
});
