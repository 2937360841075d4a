import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'sql.duckdb');
const sql = (statement: string, ...options: string[]) => wattduck(['sql', statement, '--db', db, ...options]);

beforeAll(async () => {
  expect((await wattduck(['ingest', 'test/reports/data/dozen/dozen.csv', '--db', db])).status).toBe(0);
});

test('a select prints a table', async () => {
  const { stdout } = await sql(
    'select charging_type, count(*) as sessions from charging_sessions group by all order by 1',
  );
  expect(stdout).toBe(
    'charging type  sessions\n─────────────  ────────\nAC                    8\nDC                    4\n',
  );
});

test('and every other format', async () => {
  const statement =
    'select 9007199254740993::bigint as big, 0.1::decimal(3,2) as exact, null as nothing, [1, 2] as list';
  expect(JSON.parse((await sql(statement, '--json')).stdout)).toEqual([
    { big: '9007199254740993', exact: 0.1, nothing: null, list: [1, 2] },
  ]);
  expect((await sql(statement, '--format', 'csv')).stdout).toBe(
    'big,exact,nothing,list\n9007199254740993,0.1,,"[1,2]"\n',
  );
});

test.each([
  ['delete from charging_sessions', 2],
  ['drop table charging_sessions', 2],
  ['create table mine (a int)', 2],
  ["select * from read_csv('package.json')", 2],
  ["copy charging_sessions to 'stolen.csv'", 2],
  ["attach 'other.duckdb'", 2],
  ['set threads = 1', 2],
  ['select 1; select 2', 2],
  ['selec 1', 2],
  ['select * from charging_session', 2],
])('%s is rejected in one line', async (statement, expected) => {
  const { status, stdout, stderr } = await sql(statement);
  expect([status, stdout]).toEqual([expected, '']);
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
});

test('rejected statements change nothing', async () => {
  expect((await sql('select count(*) as n from charging_sessions', '--format', 'csv')).stdout).toBe('n\n12\n');
  expect(existsSync('stolen.csv')).toBe(false);
  expect(existsSync('other.duckdb')).toBe(false);
});

test('a misspelt table gives a suggestion', async () => {
  expect((await sql('select * from charging_session')).stderr).toBe(
    'error: table charging_session not found. Did you mean charging_sessions?\n',
  );
});
