import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';

const folder = scratch();
const db = join(folder, 'network.duckdb');
const files = ['sites.csv', 'charge_points.csv', 'connectors.csv', 'tariffs.csv', 'sessions-2024.csv'].map((name) =>
  join('fixtures', name),
);
const flags = files.flatMap((file) => ['--file', file]);

beforeAll(async () => {
  await importFiles(files, db);
});

describe('reports of files have the answers of a database with these files', () => {
  test.each([
    ['revenue-summary'],
    ['energy-trends', '--period', '2024', '--granularity', 'month'],
    ['station-analytics', '--period', '2024'],
    ['utilisation-by-hour', '--period', '2024'],
    ['energy-forecasts', '--as-of', '2024-12-01'],
    ['get-sessions', '--limit', '20'],
    ['issues', '--as-of', '2024-12-31'],
  ])('%s', async (...args) => {
    const ofDatabase = await wattduck(['report', ...args, '--format', 'ndjson', '--db', db]);
    const ofFiles = await wattduck(['report', ...args, '--format', 'ndjson', ...flags]);
    expect(ofDatabase.status).toBe(0);
    expect([ofFiles.status, ofFiles.stdout]).toEqual([0, ofDatabase.stdout]);
  });
});

const session = (id: string, day: string, kwh: number): string =>
  `${id},S,2024-01-${day} 10:00,2024-01-${day} 11:00,${kwh}\n`;
const header = 'session_id,station_id,start_time,end_time,energy_kwh\n';
const write = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const trends = (...args: string[]): Parameters<typeof wattduck>[0] => [
  'report',
  'energy-trends',
  '--format',
  'csv',
  ...args,
];

test('the account of each file goes to stderr, and nothing is kept', async () => {
  const cwd = scratch();
  const path = write("it's.csv", `${header}${session('a', '01', 5)}${session('b', '99', 6)}`);
  const { status, stdout, stderr } = await wattduck(trends('--file', path), { cwd });
  expect([status, stdout]).toEqual([0, 'period,energy_kwh,session_count\n2024-01-01,5,1\n']);
  expect(stderr).toContain('2 rows read = 1 new + 0 updated + 0 unchanged + 0 superseded + 1 rejected');
  expect(stderr).toContain(`run \`wattduck ingest '${path.replace("'", `'\\''`)}' --dry-run\` to see the rejected row`);
  expect(readdirSync(cwd)).toEqual([]);
  expect(existsSync('wattduck.duckdb')).toBe(false);
});

test('several files are one data set: the later version of a row counts', async () => {
  const first = write('first.csv', header + session('a', '01', 5) + session('b', '02', 6));
  const second = write('second.csv', header + session('b', '02', 8));
  const { stdout, stderr } = await wattduck(trends('--file', first, '--file', second));
  expect(stdout).toBe('period,energy_kwh,session_count\n2024-01-01,5,1\n2024-01-02,8,1\n');
  expect(stderr).toContain('2 files: 3 rows read = 2 new + 1 updated');
});

test('standard input, compressed text formats and options after the report name', async () => {
  const stdin = readFileSync(write('piped.csv', header + session('a', '01', 5)));
  const { status, stdout } = await wattduck(['report', '--file', '-', 'energy-trends', '--format', 'csv'], { stdin });
  expect([status, stdout]).toEqual([0, 'period,energy_kwh,session_count\n2024-01-01,5,1\n']);
});

test('a file that cannot be imported is an error: the others alone would give a wrong answer', async () => {
  const good = write('good.csv', header + session('a', '01', 5));
  const other = write('other.csv', 'a,b\n1,2\n');
  const one = await wattduck(trends('--file', other));
  expect([one.status, one.stdout]).toEqual([1, '']);
  expect(one.stderr).toContain(`Run \`wattduck map ${other}\``);
  const both = await wattduck(trends('--file', good, '--file', other));
  expect([both.status, both.stdout]).toEqual([1, '']);
  expect((await wattduck(trends('--file', join(folder, 'absent.csv')))).stderr).toContain('file or folder not found');
});

test('--file and --db exclude each other; a database in the environment does not matter', async () => {
  const path = write('env.csv', header + session('a', '01', 5));
  expect(await wattduck(trends('--file', path, '--db', db))).toMatchObject({
    status: 2,
    stderr: 'error: --file cannot be combined with --db. Omit one of them.\n',
  });
  expect(await wattduck(trends('--file', path), { env: { WATTDUCK_DB: db } })).toMatchObject({
    status: 0,
    stdout: 'period,energy_kwh,session_count\n2024-01-01,5,1\n',
  });
});
