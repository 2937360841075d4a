import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { changed, file, head, statement, write } from './own-file.ts';

const folder = scratch();
const [db, csv] = [join(folder, 'own.duckdb'), join(folder, 'three.csv')];
writeFileSync(csv, 'session_id,station_id,start_time\ns1,A,2024-01-01 10:00\ns2,B,2024-01-01 11:00\ns3,B,2024-01-02 10:00\n');
const named = (name: string): string => file(changed('least:', `${name}:`), statement.replace('$least', `$${name}`));
const own = write(join(folder, 'sql'), {
  'reports/mine/with_digits.sql': named('at_least_2_of_x'),
  'reports/mine/with_no.sql': named('no_less_than'),
  'reports/mine/commented.sql': file(head, `${statement}; -- the end`),
});
const csvOf = async (...args: string[]) => {
  const { status, stdout, stderr } = await wattduck(['report', ...args, '--sql-dir', own, '--db', db, '--format', 'csv']);
  return [status, stdout, stderr];
};

beforeAll(async () => {
  expect((await wattduck(['ingest', csv, '--db', db])).status).toBe(0);
});

// Station A has one session, B two.
test('an option with a digit in its name reaches the SQL', async () => {
  expect(await csvOf('with-digits', '--at-least-2-of-x', '2')).toEqual([0, 'station_id,sessions\nB,2\n', '']);
});

test('so does one that begins with no, which is no negation', async () => {
  expect(await csvOf('with-no', '--no-less-than', '2')).toEqual([0, 'station_id,sessions\nB,2\n', '']);
});

test('a comment behind the closing semicolon does no harm', async () => {
  expect(await csvOf('commented')).toEqual([0, 'station_id,sessions\nB,2\nA,1\n', '']);
});
