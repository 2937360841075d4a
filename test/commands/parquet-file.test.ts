import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test, vi } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'x.duckdb');
writeFileSync(
  join(folder, 's.csv'),
  [
    'session_id,station_id,user_id,start_time,end_time,energy_kwh,amount_paid,currency,status',
    'a,A,dan,2024-01-01 12:00:00,2024-01-01 13:00:00,4.5,2.25,EUR,completed',
    'b,B,eve,2024-07-01 12:00:00,2024-07-01 13:00:00,1234.25,100,EUR,completed',
    '',
  ].join('\n'),
);
expect((await wattduck(['ingest', join(folder, 's.csv'), '--db', db])).status).toBe(0);

const out = join(folder, 'out.parquet');
const reader = await (await DuckDBInstance.create(':memory:')).connect();
const query = async (sql: string): Promise<unknown[]> => (await reader.runAndReadAll(sql)).getRowsJson();
const types = (): Promise<unknown[]> => query(`select column_name, column_type from (describe from '${out}')`);

/** Writes a file without a message. */
const write = async (args: readonly string[], stderr = ''): Promise<void> =>
  expect(await wattduck([...args, '--db', db, '-o', out])).toEqual({ status: 0, stdout: '', stderr });

test('a report, with types', async () => {
  await write(['report', 'get-sessions', '--columns', 'station_id,start_time,energy_consumed,amount_paid']);
  expect((await types()).map((each) => (each as string[])[1]!.replace(/\(.*/, ''))).toEqual([
    'VARCHAR',
    'TIMESTAMP',
    'DECIMAL',
    'DECIMAL',
  ]);
  expect(
    await query(`select station_id, start_time, energy_consumed::double, amount_paid::double from '${out}'`),
  ).toEqual([
    ['B', '2024-07-01 12:00:00', 1234.25, 100],
    ['A', '2024-01-01 12:00:00', 4.5, 2.25],
  ]);
});

test('a date is a date', async () => {
  await write(['report', 'energy-trends', '--from', '2024-01-01', '--to', '2024-01-02', '--granularity', 'day']);
  expect((await types())[0]).toEqual(['period', 'DATE']);
});

test('a page as in CSV, and all rows with --all', async () => {
  const report = ['report', 'get-sessions', '--columns', 'session_id'];
  await write([...report, '--limit', '1'], 'Showing 1 of 2 rows (use --limit for more)\n');
  expect(await query(`from '${out}'`)).toEqual([['b']]);
  await write([...report, '--all']);
  expect(await query(`from '${out}'`)).toEqual([['b'], ['a']]);
  const both = await wattduck([...report, '--all', '--limit', '1', '--db', db, '-o', out]);
  expect([both.status, both.stderr]).toEqual([2, 'error: --limit cannot be combined with --all\n']);
});

test('a query, with its own types and chosen columns', async () => {
  await write([
    'sql',
    `select 1::tinyint as a, date '2024-01-01' as d, [1.5] as list, 'x' as "a b"`,
    '--columns',
    'a b,list,d',
  ]);
  expect(await types()).toEqual([
    ['a b', 'VARCHAR'],
    ['list', 'DECIMAL(2,1)[]'],
    ['d', 'DATE'],
  ]);
});

test('--redact hides personal values', async () => {
  writeFileSync(join(folder, 'p.csv'), 'customer_id,email,signup_date\nc1,a@b.example,2024-01-01\n');
  expect((await wattduck(['ingest', join(folder, 'p.csv'), '--source', 'customer_profiles', '--db', db])).status).toBe(
    0,
  );
  await write(['sql', 'select email from customer_profiles', '--redact']);
  expect(await query(`from '${out}'`)).toEqual([['[redacted]']]);
});

test.each([
  [['report', 'get-sessions', '--format', 'parquet'], '--format parquet needs a file. Add -o FILE.parquet.'],
  [['report', 'user-usage', '--total', '-o', out], '--total cannot be combined with'],
  [['sources', '-o', out], 'only reports and queries can be written as Parquet. Use --format csv.'],
])('%j is rejected', async (args, message) => {
  const { status, stderr } = await wattduck([...args, '--db', db]);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});

test('an error keeps the old file and leaves nothing behind', async () => {
  await write(['sql', 'select 1 as a']);
  const before = readFileSync(out);
  // Other tests use the shared folder at the same time.
  const temporary = mkdtempSync(join(folder, 'temporary-'));
  vi.stubEnv('TMPDIR', temporary);
  const failed = await wattduck(['sql', "select ('x' || range)::int as a from range(3)", '--db', db, '-o', out]);
  expect(failed.status).not.toBe(0);
  expect(readFileSync(out)).toEqual(before);
  expect(readdirSync(temporary)).toEqual([]);
  vi.unstubAllEnvs();
  const missing = join(folder, 'no', 'x.parquet');
  expect((await wattduck(['sql', 'select 1 as a', '--db', db, '-o', missing])).status).not.toBe(0);
  expect(existsSync(missing)).toBe(false);
});
