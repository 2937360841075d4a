import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { frontMatter, frontMatterWith, reportFile, statement, writeFiles } from './report-file.ts';

const folder = scratch();
const [db, csv] = [join(folder, 'own.duckdb'), join(folder, 'three.csv')];
writeFileSync(
  csv,
  'session_id,station_id,start_time\ns1,A,2024-01-01 10:00\ns2,B,2024-01-01 11:00\ns3,B,2024-01-02 10:00\n',
);
const named = (name: string): string =>
  reportFile(frontMatterWith('least:', `${name}:`), statement.replace('$least', `$${name}`));
const splits = {
  'least: { description: At least as many, default: 1, min: 0 }':
    'like: { description: Station like this, max_length: 3, short: st }',
  'description: Sessions, unit: count': 'description: Sessions, unit: count, hidden: true',
  'default: -sessions': 'default: -sessions, split: true',
  'kind: limit': 'kind: take_skip',
};
const split = frontMatter.map((line) =>
  Object.entries(splits).reduce((changing, [from, to]) => changing.replace(from, to), line),
);
const own = writeFiles(join(folder, 'sql'), {
  'reports/mine/with_digits.sql': named('at_least_2_of_x'),
  'reports/mine/with_no.sql': named('no_less_than'),
  'reports/mine/split.sql': reportFile(
    split,
    statement.replace(
      'having count(*) >= $least::bigint',
      'having $like::varchar is null or station_id like $like::varchar',
    ),
  ),
  'reports/mine/exclusive.sql': reportFile(
    frontMatter.map((line) =>
      line.replace('  least:', '  most: { description: At most as many, excludes: least }\n  least:'),
    ),
    `${statement} and ($most::bigint is null or count(*) <= $most::bigint)`,
  ),
  'reports/mine/commented.sql': reportFile(frontMatter, `${statement}; -- the end`),
});
const csvOf = async (...args: string[]) => {
  const { status, stdout, stderr } = await wattduck([
    'report',
    ...args,
    '--sql-dir',
    own,
    '--db',
    db,
    '--format',
    'csv',
  ]);
  return [status, stdout, stderr];
};

beforeAll(async () => {
  expect((await wattduck(['ingest', csv, '--db', db])).status).toBe(0);
});

// Station A has one session, B two.
test('an option with a digit in its name reaches the SQL', async () => {
  expect(await csvOf('with-digits', '--at-least-2-of-x', '2')).toEqual([0, 'station_id,sessions\nB,2\n', '']);
});

test('so does an option that begins with no, which is not a negation', async () => {
  expect(await csvOf('with-no', '--no-less-than', '2')).toEqual([0, 'station_id,sessions\nB,2\n', '']);
});

test('a comment after the final semicolon is ignored', async () => {
  expect(await csvOf('commented')).toEqual([0, 'station_id,sessions\nB,2\nA,1\n', '']);
});

// Two stations, sorted by a hidden column.
test('a hidden column can sort but is not shown', async () => {
  expect(await csvOf('split')).toEqual([0, 'station_id\nB\nA\n', '']);
  expect(await csvOf('split', '--columns', 'sessions')).toEqual([
    2,
    '',
    'error: --columns: column "sessions" not found. Known: station_id.\n',
  ]);
  const { stdout } = await wattduck(['report', 'split', '--sql-dir', own, '--db', db, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    meta: [{ name: 'station_id' }],
    data: [{ station_id: 'B' }, { station_id: 'A' }],
  });
});

test('a split sort has options for column and order', async () => {
  expect(await csvOf('split', '--sort-field', 'station_id', '--sort-order', 'asc')).toEqual([
    0,
    'station_id\nA\nB\n',
    '',
  ]);
  expect(await csvOf('split', '--sort', 'station_id')).toEqual([0, 'station_id\nB\nA\n', '']);
  expect(await csvOf('split', '--sort-order', 'asc')).toEqual([0, 'station_id\nA\nB\n', '']);
  expect(await csvOf('split', '--sort', 'sesions')).toEqual([
    2,
    '',
    'error: invalid value "sesions" for --sort-field. Did you mean sessions?\n',
  ]);
  expect(await csvOf('split', '--sort-order', 'ascending')).toEqual([
    2,
    '',
    expect.stringMatching(/^error: invalid value "ascending" for --sort-order\. /),
  ]);
});

test('a short name works like the long name', async () => {
  expect(await csvOf('split', '--st', 'A')).toEqual([0, 'station_id\nA\n', '']);
  expect(await csvOf('split', '--like', 'B%')).toEqual([0, 'station_id\nB\n', '']);
  expect((await wattduck(['report', 'split', '--sql-dir', own, '--help'])).stdout).toMatch(
    /^ +--like, --st <text> +Station like this \(max 3 characters\)$/m,
  );
});

test('two parameters that exclude each other are not accepted together', async () => {
  expect(await csvOf('exclusive', '--most', '1')).toEqual([0, 'station_id,sessions\nA,1\n', '']);
  expect(await csvOf('exclusive', '--most', '1', '--least', '1')).toEqual([
    2,
    '',
    'error: --most cannot be combined with --least. Use one of them.\n',
  ]);
});

test('the max length counts characters', async () => {
  expect(await csvOf('split', '--st', '🔌🔌🔌')).toEqual([
    0,
    'station_id\n',
    'no rows: nothing matches --like "🔌🔌🔌"\n',
  ]);
  expect(await csvOf('split', '--st', 'A%%%')).toEqual([2, '', 'error: --like has 4 characters, the maximum is 3\n']);
});
