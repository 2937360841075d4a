import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'quarantine.duckdb');
const path = join(folder, 'bad.csv');
const quarantine = (...args: string[]) => wattduck(['quarantine', ...args, '--db', db]);

// Line 2 is valid and spans three lines, line 5 is blank: the rejected rows begin on 6, 7, 8, 10 and 11; the last one is not UTF-8.
const text = Buffer.concat([
  Buffer.from(
    'session_id,station_id,start_time,energy_kwh,location\na,S,2024-01-01 00:00:00,1,"one\n\nplace"\n\nb,S,soon,1,"x, y"\nb,S,soon,1,"x, y"\nc,S,2024-01-01 00:00:00,lots,"say ""hi""\nthere"\nd,S\ne,S,2024-01-01 00:00:00,1,z,more\nf,S,2024-01-01 00:00:00,1,M',
  ),
  Buffer.from([0xfc]),
  Buffer.from('nchen\ng,S,2024-01-01 00:00:00,1,läst\n'),
]);

beforeAll(async () => {
  writeFileSync(path, text);
  const { stdout } = await wattduck(['ingest', path, '--db', db]);
  expect(stdout).toContain('8 rows read = 2 new + 0 updated + 0 unchanged + 0 superseded + 6 rejected');
});

test('show lists each rejected row with its line, value, reason and text', async () => {
  const { stdout } = await quarantine('export');
  const rows = parse(stdout, { columns: true }) as Record<string, string>[];
  expect(rows.map(({ line, column_name, value, reason, raw }) => [line, column_name, value, reason, raw])).toEqual([
    ['6', 'start_time', 'soon', 'not a valid timestamp', 'b,S,soon,1,"x, y"'],
    ['7', 'start_time', 'soon', 'not a valid timestamp', 'b,S,soon,1,"x, y"'],
    ['8', 'energy_kwh', 'lots', 'not a valid number', 'c,S,2024-01-01 00:00:00,lots,"say ""hi""\nthere"'],
    ['10', '', '', 'has 2 fields, fewer than the 5 of the header', 'd,S'],
    ['11', '', '', 'has 6 fields, more than the 5 of the header', 'e,S,2024-01-01 00:00:00,1,z,more'],
    ['12', '', '', 'not valid UTF-8', 'f,S,2024-01-01 00:00:00,1,M?nchen'],
  ]);
});

test('list groups them by reason', async () => {
  const { stdout } = await quarantine(
    'list',
    '--format',
    'csv',
    '--columns',
    'row_count,column_name,reason,first_line,first_value',
    '--limit',
    '1',
  );
  expect(stdout).toBe(
    'row_count,column_name,reason,first_line,first_value\n2,start_time,not a valid timestamp,6,soon\n',
  );
});

test('importing the same file again does not list them twice', async () => {
  await wattduck(['ingest', path, '--force', '--db', db]);
  expect(parse((await quarantine('export')).stdout, { columns: true })).toHaveLength(6);
});

test('clear requires a filter, and prints how many rows it deleted', async () => {
  const { status, stderr } = await quarantine('clear');
  expect([status, stderr]).toEqual([
    2,
    'error: quarantine clear requires --source, --file or --all. Choose which rejected rows to delete.\n',
  ]);
  expect((await quarantine('clear', '--file', 'another.csv')).stdout).toBe('0 rows deleted from the quarantine\n');
  expect((await quarantine('clear', '--source', 'charging_sessions')).stdout).toBe(
    '6 rows deleted from the quarantine\n',
  );
  expect((await quarantine('list')).stderr).toBe('no rows: no row was rejected\n');
});
