import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { beforeAll, describe, expect, test } from 'vitest';
import { formatMoney, percentOf, roundMoney, toMicros } from '../../src/text/money.ts';
import { scratch, wattduck, type CliResult } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';

const folder = scratch();
const db = join(folder, 'yard.duckdb');

beforeAll(async () => {
  const files = readdirSync('test/reports/data/yard').map((file) => `test/reports/data/yard/${file}`);
  await importFiles(files, db);
});

const statement = (...args: string[]): Promise<CliResult> =>
  wattduck(['statement', ...args, '--tz', 'UTC', '--db', db], { now: new Date('2024-05-05T00:00:00Z') });

/** Facts, cells and notes of each statement on a page. */
function read(html: string): { facts: string[]; rows: string[][]; totals: string[][]; notes: string[] }[] {
  const { document } = parseHTML(html);
  const texts = (nodes: Iterable<Element>): string[] => [...nodes].map((node) => node.textContent!.trim());
  return [...document.querySelectorAll('section')].map((section) => ({
    facts: texts(section.querySelectorAll('dd')),
    rows: [...section.querySelectorAll('tbody tr')].map((row) => texts(row.querySelectorAll('td'))),
    totals: [...section.querySelectorAll('tfoot tr')].map((row) => texts(row.querySelectorAll('td'))),
    notes: texts(section.querySelectorAll('li')),
  }));
}

describe('a page', () => {
  test('has the sessions of a user, their sums, and VAT on the net total', async () => {
    const { status, stdout, stderr } = await statement('--user', 'bob', '--month', '2024-03', '--vat', '19');
    expect([status, stderr]).toEqual([0, '']);
    expect(read(stdout)).toEqual([
      {
        facts: ['bob', '2024-03-01 to 2024-03-31 (UTC)', 'EUR'],
        rows: [
          ['2024-03-31 21:30', 'Y2', '8.000', '60', '0.2500', '2.00'],
          ['2024-03-31 23:30', 'Y3', '6.000', '60', '0.1667', '1.00'],
        ],
        totals: [
          ['2 completed sessions', '14.000', '120', '', ''],
          ['Net total', '3.00'],
          ['VAT 19 %', '0.57'],
          ['Total', '3.57'],
        ],
        notes: [
          expect.stringContaining('VAT is computed on the net total.'),
          expect.stringContaining('Times are in UTC.'),
        ],
      },
    ]);
  });

  test('open, failed and unpriced sessions are shown, and not added up', async () => {
    const [cat, ...others] = read((await statement('--user', 'cat', '--month', '2024-04')).stdout);
    expect(others).toEqual([]);
    expect(cat).toMatchObject({
      facts: ['cat', '2024-04-01 to 2024-04-30 (UTC)', 'GBP'],
      rows: [
        ['2024-04-04 12:00', 'Y3', '9.000', '60', '0.3333', '3.00', ''],
        ['2024-04-05 12:00', 'Y3', '4.000', '–', '–', '–', 'no end yet, no amount'],
      ],
      totals: [
        ['1 completed session', '9.000', '60', '', '', ''],
        ['Total', '3.00', ''],
      ],
    });
    expect(cat!.notes.slice(0, 2)).toEqual([
      '1 session has no end yet: energy and minutes are not in the totals.',
      '1 session has no recorded amount, and adds nothing to the total.',
    ]);
    const [ann] = read((await statement('--user', 'ann', '--month', '2024-04')).stdout);
    expect(ann).toMatchObject({
      facts: ["Ann's card", 'ann', '2024-04-01 to 2024-04-30 (UTC)', 'EUR'],
      rows: [
        ['2024-04-03 08:00', 'Y1', '0.000', '10', '–', '0.50', 'failed'],
        ['2024-04-03 08:10', 'Y1', '0.200', '10', '–', '–', 'failed, no amount'],
      ],
      totals: [
        ['0 completed sessions', '0.000', '0', '', '', ''],
        ['Total', '0.50', ''],
      ],
    });
  });

  test('times and the month are those of the time zone', async () => {
    const { stdout } = await wattduck([
      'statement',
      '--user',
      'bob',
      '--month',
      '2024-03',
      '--tz',
      'Europe/Berlin',
      '--db',
      db,
    ]);
    // 21:30 UTC is 23:30 in Berlin; the session at 23:30 UTC starts in April there.
    expect(read(stdout).map(({ rows }) => rows.map(([start]) => start))).toEqual([['2024-03-31 23:30']]);
  });

  test('an RFID token has the name of its tag, or that of its sessions', async () => {
    expect(read((await statement('--id-tag', 'T2', '--month', '2024-03')).stdout)[0]!.facts.slice(0, 2)).toEqual([
      "Ann's spare",
      'T2',
    ]);
    expect(read((await statement('--id-tag', 'T9', '--month', 'last-month')).stdout)[0]!.facts.slice(0, 2)).toEqual([
      'Pool car',
      'T9',
    ]);
  });

  test('--redact hides names', async () => {
    const { stdout } = await statement('--user', 'ann', '--month', '2024-04', '--redact');
    expect(stdout).not.toContain('Ann&#39;s card');
    expect(read(stdout)[0]!.facts[0]).toBe('[redacted]');
  });
});

describe('all users', () => {
  test('on one page, sorted, without the sessions of nobody', async () => {
    const out = join(folder, 'all.html');
    const { status, stderr } = await statement('--all', '--month', '2024-04', '-o', out);
    // y05, y06, y14 and y15 have no user.
    expect([status, stderr]).toEqual([
      0,
      `4 sessions without a user left out of the statements\n${out}: 3 statements for 2024-04 (UTC)\n`,
    ]);
    expect(read(readFileSync(out, 'utf8')).map(({ facts }) => facts.at(-3))).toEqual(['ann', 'bob', 'cat']);
  });

  test('in a folder with a file each, whose names stay the same', async () => {
    const out = join(folder, 'statements');
    for (const _ of [1, 2])
      expect((await statement('--all', '--per', 'id-tag', '--month', '2024-03', '-o', out)).status).toBe(0);
    const files = readdirSync(out).toSorted();
    expect(files.map((name) => name.replace(/-[\da-f]{8}\.html$/, '.html'))).toEqual([
      'statement-2024-03-T1.html',
      'statement-2024-03-T2.html',
      'statement-2024-03-T3.html',
    ]);
    expect(read(readFileSync(join(out, files[0]!), 'utf8'))).toHaveLength(1);
  });
});

describe('mistakes', () => {
  test.each([
    [[], 2, /^statement needs --user, --id-tag or --all\./],
    [['--user', 'ann', '--all'], 2, /^--user cannot be combined with --all/],
    [['--user', 'ann', '--per', 'user'], 2, /^--per requires --all/],
    [['--user', 'ann', '--month', '2024-13'], 2, /^invalid value "2024-13" for --month: expected a month/],
    [['--user', 'ann', '--month', '2024'], 2, /^invalid value "2024" for --month/],
    [['--user', 'ann', '--vat', '19%'], 2, /^invalid value "19%" for --vat/],
    [['--user', 'ann', '--vat', '101'], 2, /^invalid value "101" for --vat/],
    [['--user', 'ann', '-o', 'x.csv'], 2, /^-o x\.csv: statements are HTML/],
    [
      ['--user', 'annn', '--month', '2024-04'],
      1,
      /^no sessions of user annn in 2024-04\. User "annn" not found \(--user\)/,
    ],
    [['--all', '--month', '2020-01'], 1, /^no sessions in 2020-01\./],
  ])('%j', async (args, status, message) => {
    const result = await statement(...args);
    expect(result.status).toBe(status);
    expect(result.stderr.replace('error: ', '')).toMatch(message);
    expect(existsSync('x.csv')).toBe(false);
  });
});

test('amounts are rounded half away from zero, in the decimals of the currency', () => {
  expect([1.005, -1.005, 1.0049, 0].map((amount) => formatMoney(toMicros(amount), 2))).toEqual([
    '1.01',
    '−1.01',
    '1.00',
    '0.00',
  ]);
  expect(formatMoney(toMicros(1_234_567.5), 0)).toBe('1,234,568');
  expect(formatMoney(toMicros(1.2345), 3)).toBe('1.235');
  expect(percentOf(toMicros(0.5), 19, 2)).toBe(toMicros(0.1));
  expect(percentOf(toMicros(-0.5), 19, 2)).toBe(toMicros(-0.1));
  expect(percentOf(toMicros(100), 8.25, 0)).toBe(toMicros(8));
  expect(roundMoney(toMicros(-0.004), 2)).toBe(0n);
});
