import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';

const folder = scratch();
const db = join(folder, 'sql.duckdb');
const sql = (statement: string, ...options: string[]) => wattduck(['sql', statement, '--db', db, ...options]);

beforeAll(async () => {
  await importFiles(['test/reports/data/dozen/dozen.csv'], db);
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
  ['select * from charging_session', 2],
  ['describe tokens', 2],
  ['describe read_csv', 2],
  ['describe (select 1)', 2],
  ['show variables', 2],
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

describe('a mistake is shown with its line and a caret', () => {
  test.each([
    ['selec 1', 'syntax error at or near "selec"', 'LINE 1: selec 1', '        ^'],
    ["select 1,\n  'ä', 2 frm x", 'syntax error at or near "x"', "LINE 2:   'ä', 2 frm x", '                     ^'],
    [
      'select usr_id\nfrom charging_sessions',
      'Referenced column "usr_id" not found in FROM clause',
      'LINE 1: select usr_id',
      '               ^',
    ],
    // A long line is cut around the mistake.
    [
      `select ${'1, '.repeat(40)}2 frm x`,
      'syntax error at or near "x"',
      `LINE 1: …${`select ${'1, '.repeat(40)}2 frm x`.slice(98)}`,
      `${' '.repeat(44)}^`,
    ],
  ])('%j', async (statement, message, line, caret) => {
    expect(await sql(statement)).toEqual({ status: 2, stdout: '', stderr: `error: ${message}\n${line}\n${caret}\n` });
  });
});

test('describe and show list the columns of a table', async () => {
  const columns = JSON.parse((await sql('describe charging_sessions', '--json')).stdout) as Record<string, string>[];
  expect(columns).toContainEqual({ name: 'station_id', type: 'VARCHAR' });
  expect(columns).toContainEqual({ name: 'start_time', type: 'TIMESTAMP' });
  for (const same of ['show charging_sessions;', ' DESCRIBE "charging_sessions"', 'desc charging_sessions'])
    expect(JSON.parse((await sql(same, '--json')).stdout)).toEqual(columns);
  expect((await sql('describe charging_session')).stderr).toBe(
    'error: table charging_session not found. Did you mean charging_sessions?\n',
  );
  expect((await sql('describe charging_sessions_quarantine', '--json')).stdout).toContain('c__error');
});

describe('a statement comes from', () => {
  const query = '\uFEFF-- sessions\nselect count(*) as n\nfrom charging_sessions;\n';

  test('a file', async () => {
    const path = join(folder, 'query.sql');
    writeFileSync(path, query);
    expect((await wattduck(['sql', '--file', path, '--db', db, '--format', 'csv'])).stdout).toBe('n\n12\n');
  });

  test.each([[['-']], [['--file', '-']]])('standard input with %j', async (args) => {
    const { stdout } = await wattduck(['sql', ...args, '--db', db, '--format', 'csv'], { stdin: query });
    expect(stdout).toBe('n\n12\n');
  });

  test.each([
    [[], 2, 'a SQL statement is required. Write it in quotes, use --file FILE, or - for standard input.'],
    [['select 1', '--file', 'x.sql'], 2, 'a statement cannot be combined with --file x.sql. Use one of them.'],
    [['--file', join(folder, 'none.sql')], 1, `${join(folder, 'none.sql')}: file or folder not found. Check the path.`],
    [['--file', folder], 2, expect.stringContaining(folder)],
    [['-'], 2, 'the SQL statement is empty. Write one select.'],
  ])('%j is an error', async (args, expected, message) => {
    const { status, stderr } = await wattduck(['sql', ...args, '--db', db]);
    expect([status, stderr.replace(/^error: /, '').trimEnd()]).toEqual([expected, message]);
  });

  test('an endless file is rejected', async () => {
    const { status, stderr } = await wattduck(['sql', '--file', '/dev/zero', '--db', db]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('characters')]);
  });
});
