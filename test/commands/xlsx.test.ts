import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import XLSX from '@e965/xlsx';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { toWorkbook } from '../../src/render/xlsx.ts';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'x.duckdb');
// 2024-01-01 12:00 and 2024-07-01 12:00 in UTC are 13:00 and 14:00 in Berlin.
writeFileSync(
  join(folder, 's.csv'),
  [
    'session_id,station_id,user_id,start_time,end_time,energy_kwh,amount_paid,currency,status,location',
    'a,=1+1,dan,2024-01-01 12:00:00,2024-01-01 13:00:00,4.5,2.25,EUR,completed,@SUM(A1)',
    'b,constructor,eve,2024-07-01 12:00:00,2024-07-01 13:00:00,1234.25,100,EUR,completed,"+49 <b>&amp;</b> _x0041_"',
    '',
  ].join('\n'),
);
expect((await wattduck(['ingest', join(folder, 's.csv'), '--db', db])).status).toBe(0);

const out = join(folder, 'out.xlsx');
type Sheet = XLSX.WorkSheet;

/** The sheets of a file, as another library reads them. */
const read = (): XLSX.WorkBook => XLSX.read(readFileSync(out), { cellFormula: true, cellNF: true, cellStyles: true });

/** Writes a file and returns its sheets. */
async function write(args: readonly string[], stderr = ''): Promise<[data: Sheet, notes: Sheet, names: string[]]> {
  expect(await wattduck([...args, '--db', db, '-o', out])).toEqual({ status: 0, stdout: '', stderr });
  const { Sheets, SheetNames } = read();
  return [Sheets[SheetNames[0]!]!, Sheets[SheetNames[1]!]!, SheetNames];
}

const values = (sheet: Sheet): unknown[][] => XLSX.utils.sheet_to_json(sheet, { header: 1, raw: true });
const cell = (sheet: Sheet, name: string): XLSX.CellObject => sheet[name] as XLSX.CellObject;

const columns = ['--columns', 'station_id,start_time,energy_consumed,amount_paid,location,minutes'];

test('numbers are numbers, times are dates in the zone of the heading, and text is never a formula', async () => {
  const [data, notes, names] = await write(['report', 'get-sessions', '--tz', 'Europe/Berlin', ...columns]);
  expect(names).toEqual(['Sessions', 'Notes']);
  expect(values(data)).toEqual([
    ['station id', 'start time (Europe/Berlin)', 'energy consumed (kWh)', 'amount paid (EUR)', 'location', 'minutes'],
    ['constructor', new Date('2024-07-01T14:00:00Z'), 1234.25, 100, '+49 <b>&amp;</b> _x0041_', 60],
    ['=1+1', new Date('2024-01-01T13:00:00Z'), 4.5, 2.25, '@SUM(A1)', 60],
  ]);
  for (const name of Object.keys(data).filter((each) => !each.startsWith('!')))
    expect(cell(data, name).f).toBeUndefined();
  expect(['A3', 'B2', 'C2', 'D2', 'F2'].map((name) => [cell(data, name).t, cell(data, name).z])).toEqual([
    ['s', 'General'],
    ['n', 'yyyy-mm-dd hh:mm:ss'],
    ['n', '#,##0.000'],
    ['n', '#,##0.00'],
    ['n', '#,##0.0'],
  ]);
  expect(cell(data, 'B2').w).toBe('2024-07-01 14:00:00');
  expect(values(notes)).toEqual([['Sessions'], ['Times are in Europe/Berlin.']]);
});

test('without a zone, times are UTC', async () => {
  const [data] = await write(['report', 'get-sessions', ...columns]);
  expect([cell(data, 'B1').w, cell(data, 'B2').w]).toEqual(['start time (UTC)', '2024-07-01 12:00:00']);
});

test('the header is bold and stays in view, columns are as wide as their values', async () => {
  const [data] = await write(['report', 'get-sessions', ...columns]);
  const parts = XLSX.CFB.read(readFileSync(out), { type: 'buffer' });
  const part = (name: string): string => Buffer.from(XLSX.CFB.find(parts, name)!.content as Uint8Array).toString();
  const sheet = part('/xl/worksheets/sheet1.xml');
  expect(sheet).toMatch(/<pane ySplit="1" xSplit="0" topLeftCell="A2"[^>]* state="frozen"/);
  expect(part('/xl/styles.xml')).toContain('<b/>');
  const widths = data['!cols']!.map(({ width }) => width!);
  expect(widths[0]).toBeGreaterThanOrEqual('constructor'.length);
  expect(widths[1]).toBeGreaterThanOrEqual('2024-07-01 14:00:00'.length);
  expect(Math.max(...widths)).toBeLessThanOrEqual(50);
});

test('every part is well-formed XML', async () => {
  await write(['sql', `select chr(1) || 'x' || chr(13) as a, 'a]]>b' as "<&>", chr(65535) || 'y' as c`]);
  const parts = XLSX.CFB.read(readFileSync(out), { type: 'buffer' });
  const names = parts.FullPaths.filter((name: string) => /\.(xml|rels)$/.test(name));
  expect(names.length).toBeGreaterThanOrEqual(8);
  for (const name of names) {
    const parser = new SaxesParser({ xmlns: true });
    parser.on('error', (error) => {
      throw error;
    });
    const at = parts.FullPaths.indexOf(name);
    parser.write(Buffer.from(parts.FileIndex[at]!.content as Uint8Array).toString('utf8')).close();
  }
  expect(values(read().Sheets['Query']!)).toEqual([
    ['a', '<&>', 'c'],
    ['\u0001x\r', 'a]]>b', 'y'],
  ]);
});

test('a total is the last row, bold, with the sums of the rows', async () => {
  const [data] = await write([
    'report',
    'user-usage',
    '--total',
    '--columns',
    'user_id,total_sessions,total_energy_consumed,total_amount_spent',
  ]);
  // 4.5 + 1234.25 and 2.25 + 100.
  expect(values(data).at(-1)).toEqual(['Total', 2, 1238.75, 102.25]);
});

test('every type of a query', async () => {
  const [data] = await write([
    'sql',
    `select date '2024-02-29' as d, timestamp '2024-02-29 18:00:00' as t, true as b, 0.5::double as x,
       12345678901234567890::hugeint as big, date '1899-12-31' as old, null as n, [1, 2] as list,
       timestamptz '2024-02-29 18:00:00+00' as tz, '__proto__' as proto, 'toString' as method`,
  ]);
  expect(values(data)[1]).toEqual([
    new Date('2024-02-29T00:00:00Z'),
    new Date('2024-02-29T18:00:00Z'),
    true,
    0.5,
    '12345678901234567890',
    '1899-12-31',
    undefined,
    '[1,2]',
    new Date('2024-02-29T18:00:00Z'),
    '__proto__',
    'toString',
  ]);
  // Excel counts days from 1899-12-30.
  expect([cell(data, 'A2').v, cell(data, 'B2').v]).toEqual([45351, 45351.75]);
  // A query may have converted its times to any zone, so the heading names none.
  expect(cell(data, 'B1').w).toBe('t');
});

test('a page as in CSV, all rows with --all, and the note on rows left out', async () => {
  const [page, notes] = await write(
    ['report', 'get-sessions', '--limit', '1'],
    'Showing 1 of 2 rows (use --limit for more)\n',
  );
  expect(values(page)).toHaveLength(2);
  expect(values(notes).flat()).toContain('Showing 1 of 2 rows (use --limit for more)');
  const [all] = await write(['report', 'get-sessions', '--all']);
  expect(values(all)).toHaveLength(3);
});

test('no rows', async () => {
  const [data, notes] = await write(['sql', 'select 1 as a where false']);
  expect([values(data), values(notes)]).toEqual([[['a']], [['Query']]]);
});

test('--redact hides personal values', async () => {
  writeFileSync(
    join(folder, 'p.csv'),
    'customer_id,email,first_name,last_name,signup_date\nc1,a@b.example,Ann,Lee,2024-01-01\n',
  );
  expect((await wattduck(['ingest', join(folder, 'p.csv'), '--source', 'customer_profiles', '--db', db])).status).toBe(
    0,
  );
  const query = ['sql', 'select customer_id, email from customer_profiles'];
  expect(values((await write(query))[0])[1]).toEqual(['c1', 'a@b.example']);
  expect(values((await write([...query, '--redact']))[0])[1]).toEqual(['c1', '[redacted]']);
});

test('it needs a file, and a failed one leaves nothing behind', async () => {
  const noFile = await wattduck(['report', 'get-sessions', '--db', db, '--format', 'xlsx']);
  expect([noFile.status, noFile.stderr]).toEqual([2, 'error: --format xlsx needs a file. Add -o FILE.xlsx.\n']);
  const target = join(folder, 'folder', 'x.xlsx');
  expect((await wattduck(['sql', 'select 1 as a', '--db', db, '-o', target])).status).not.toBe(0);
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
});

const texts = { title: 'T', context: [], notes: [], zone: undefined, currency: undefined };

test('more rows than a sheet has are rejected', async () => {
  const rows = Array.from({ length: 1_048_576 }, () => ({ a: 1 }));
  await expect(
    toWorkbook([{ columns: [{ name: 'a', type: 'BIGINT' }], rows, totalRow: undefined, texts }]),
  ).rejects.toThrow('1,048,576 rows in 1 column do not fit into an Excel sheet');
});

test('a text longer than a cell is cut, with a note', async () => {
  const rows = [{ a: 'x'.repeat(40_000) }];
  const { bytes, notes } = await toWorkbook([
    { columns: [{ name: 'a', type: 'VARCHAR' }], rows, totalRow: undefined, texts },
  ]);
  const book = XLSX.read(bytes);
  expect(cell(book.Sheets['T']!, 'A2').v).toHaveLength(32_767);
  expect(notes).toEqual(['1 text cut to 32,767 characters for Excel']);
});

test.each([
  ['Revenue: EUR/kWh [all]?', 'Revenue  EUR kWh  all'],
  ['Notes', 'Data'],
  ['History', 'Data'],
  ['\u0001', 'Data'],
  ["'quoted'", 'quoted'],
  ['x'.repeat(40), 'x'.repeat(31)],
])('the sheet of %j is called %j', async (title, name) => {
  const { bytes } = await toWorkbook([
    { columns: [{ name: 'a', type: 'VARCHAR' }], rows: [], totalRow: undefined, texts: { ...texts, title } },
  ]);
  expect(XLSX.read(bytes).SheetNames).toEqual([name, 'Notes']);
});
