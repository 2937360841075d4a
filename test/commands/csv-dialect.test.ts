import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'x.duckdb');
writeFileSync(
  join(folder, 's.csv'),
  'session_id,station_id,user_id,start_time,end_time,energy_kwh,status,location\na,A;1,dan,2024-01-01 00:00:00,2024-01-01 01:00:00,4.5,completed,"Köln, ""Süd"""\nb,-2.5,eve,2024-01-02 00:00:00,2024-01-02 01:00:00,1234.25,completed,\n',
);
expect((await wattduck(['ingest', join(folder, 's.csv'), '--db', db])).status).toBe(0);

const file = join(folder, 'out.csv');
const columns = 'session_id,station_id,start_time,energy_consumed,location,minutes';
const report = ['report', 'get-sessions', '--db', db, '--columns', columns];

/** The bytes of a file, written with these options. */
async function bytes(args: readonly string[]): Promise<Buffer> {
  expect(await wattduck([...args, '-o', file])).toEqual({ status: 0, stdout: '', stderr: '' });
  return readFileSync(file);
}

/** Bytes written out by hand, so that no encoder of the program is involved. */
const bom = [0xef, 0xbb, 0xbf];
const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
const crlf = [0x0d, 0x0a];

const german = Buffer.from([
  ...bom,
  ...ascii('session_id;station_id;start_time;energy_consumed;location;minutes'),
  ...crlf,
  ...ascii('b;-2.5;2024-01-02 00:00:00;1234,25;;60'),
  ...crlf,
  ...ascii('a;"A;1";2024-01-01 00:00:00;4,5;"K'),
  0xc3,
  0xb6,
  ...ascii('ln, ""S'),
  0xc3,
  0xbc,
  ...ascii('d""";60'),
  ...crlf,
]);

test.each([[[]], [['--all']]])('the German CSV, byte by byte %j', async (more) => {
  expect(await bytes([...report, '--csv-dialect', 'excel-de', ...more])).toEqual(german);
});

test('the default has no byte order mark, and lines end with LF', async () => {
  expect((await bytes([...report])).toString('latin1').slice(0, 120)).toBe(
    'session_id,station_id,start_time,energy_consumed,location,minutes\nb,-2.5,2024-01-02 00:00:00,1234.25,,60\na,A;1,2024-01-0',
  );
});

const select = async (value: string, dialect: string, ...options: string[]): Promise<string> => {
  const args = ['sql', `select ${value}`, '--db', db, '--csv-dialect', dialect, ...options];
  return (await bytes(args)).toString('utf8');
};

test.each([
  ['excel', ',', '.'],
  ['excel-ch', ';', '.'],
  ['excel-de', ';', ','],
  ['excel-es', ';', ','],
  ['excel-fr', ';', ','],
  ['excel-it', ';', ','],
  ['excel-nl', ';', ','],
  ['excel-pl', ';', ','],
  ['excel-pt', ';', ','],
])('%s separates with %s and has the decimal mark %s', async (dialect, separator, mark) => {
  expect(await select(`-0.5 as a, 'x' as b, 1e300 as c, null as d`, dialect)).toBe(
    `\uFEFFa${separator}b${separator}c${separator}d\r\n-0${mark}5${separator}x${separator}1e+300${separator}\r\n`,
  );
});

test('text with a point keeps it, and negative numbers are no formulas', async () => {
  expect(await select(`'1.5' as a, -1.5 as b, '-1.5' as c, true as d`, 'excel-de', '--csv-safe')).toBe(
    `\uFEFFa;b;c;d\r\n1.5;-1,5;"'-1.5";true\r\n`,
  );
});

test('a line break within a value stays as it is', async () => {
  expect(await select(`chr(10) || 'x' as a`, 'excel-fr')).toBe('\uFEFFa\r\n"\nx"\r\n');
});

test('an answer without rows has its header, a total its decimal comma', async () => {
  expect(await select('1 as a where false', 'excel-de')).toBe('\uFEFFa\r\n');
  const total = ['report', 'user-usage', '--db', db, '--total', '--columns', 'user_id,total_energy_consumed'];
  expect((await bytes([...total, '--csv-dialect', 'excel-de'])).toString('utf8')).toBe(
    '\uFEFFuser_id;total_energy_consumed\r\ndan;4,5\r\neve;1234,25\r\nTotal;1238,75\r\n',
  );
});

test.each([
  [['--csv-dialect', 'excel-dd', '--format', 'csv'], 'invalid value "excel-dd" for --csv-dialect. Did you mean'],
  [['--csv-dialect', 'toString', '--format', 'csv'], 'invalid value "toString" for --csv-dialect. Accepted: excel, '],
  [['--csv-dialect', 'excel-de'], '--csv-dialect cannot be combined with table output. Add --format csv.'],
  [
    ['--csv-dialect', 'excel', '--format', 'tsv'],
    '--csv-dialect cannot be combined with tsv output. Add --format csv.',
  ],
])('%j is rejected', async (options, message) => {
  const { status, stdout, stderr } = await wattduck([...report, ...options]);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`error: ${message}`);
});
