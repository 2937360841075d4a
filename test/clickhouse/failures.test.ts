import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openForReading } from '../../src/warehouse/database.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { startCluster, users, type ClickHouseCluster } from './cluster.ts';
import { loadDatabase } from './load.ts';

const hostile = [
  "it's",
  String.raw`\'; drop table x; --`,
  '{p:String}',
  'tab\tand\nline',
  '/* */ --',
  '$x::varchar',
  '🔌`"',
];
let cluster: ClickHouseCluster;
let db: string;

beforeAll(async () => {
  cluster = await startCluster(2);
  const folder = scratch();
  const file = join(folder, 'sessions.ndjson');
  const rows = ['plain', ...hostile].map((user, at) => ({
    session_id: `s${at}`,
    station_id: 'A',
    user_id: user,
    start_time: '2024-01-01T10:00:00Z',
    end_time: '2024-01-01T11:00:00Z',
    energy_kwh: 1.5,
    amount_paid: 0.57,
    currency: 'EUR',
    timestamp: '2024-01-01T12:00:00Z',
  }));
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
  db = join(folder, 'hostile.duckdb');
  const { status, stderr } = await wattduck(['ingest', file, '--source', 'charging_sessions', '--db', db]);
  expect(status, stderr).toBe(0);
  const { duckdb, catalog } = await openEngine();
  await openForReading(duckdb, db, catalog);
  await loadDatabase(duckdb, cluster, 'ev');
});
afterAll(() => cluster.stop());

const engine = (user = 'default', node = 0): string =>
  cluster.nodes[node]!.url.replace('http://', `clickhouse://${user}@`) + '/ev';

test.each(hostile)('a parameter is a value, never SQL: %j', async (user) => {
  const args = ['report', 'user-usage', '--user-id', user, '--json'];
  const [there, here] = [await wattduck([...args, '--engine', engine()]), await wattduck([...args, '--db', db])];
  expect(there.status, there.stderr).toBe(0);
  const withoutTimes = (text: string): unknown => ({ ...JSON.parse(text), statistics: undefined });
  expect(withoutTimes(there.stdout)).toEqual(withoutTimes(here.stdout));
  expect(JSON.parse(there.stdout)).toMatchObject({ rows: 1, data: [{ user_id: user, total_energy_consumed: 1.5 }] });
});

test('a Parquet file has the same rows', async () => {
  const path = join(scratch(), 'usage.parquet');
  const { status, stderr } = await wattduck(['report', 'user-usage', '-o', path, '--engine', engine()]);
  expect(status, stderr).toBe(0);
  const { duckdb } = await openEngine();
  expect(await duckdb.row(`select count(*) as n, sum(total_amount_spent) as spent from '${path}'`)).toEqual({
    n: hostile.length + 1,
    spent: Number((0.57 * (hostile.length + 1)).toFixed(2)),
  });
});

test('a user with select and temporary tables is enough, and the password comes from the environment', async () => {
  const args = ['report', 'revenue-summary', '--json', '--engine', engine('reader')];
  const { status, stderr } = await wattduck(args, { env: { WATTDUCK_CLICKHOUSE_PASSWORD: users.reader.password } });
  expect(status, stderr).toBe(0);
  const rejected = await wattduck(args, { env: { WATTDUCK_CLICKHOUSE_PASSWORD: 'wrong' } });
  expect(rejected.status).toBe(1);
  expect(rejected.stderr).toContain('rejected user reader. Check the user and WATTDUCK_CLICKHOUSE_PASSWORD.');
});

test('a user who must not create temporary tables reads which grant is missing', async () => {
  const { status, stderr } = await wattduck(['report', 'revenue-summary', '--engine', engine('restricted')], {
    env: { WATTDUCK_CLICKHOUSE_PASSWORD: users.restricted.password },
  });
  expect(status).toBe(1);
  expect(stderr).toContain(
    'lacks the grant CREATE TEMPORARY TABLE ON *.*. Run on ClickHouse: grant CREATE TEMPORARY TABLE ON *.* to restricted.',
  );
});

test('a comparison on the command line and on a page', async () => {
  const params = ['--from', '2024-01-01', '--to', '2024-01-01', '--compare', 'previous', '--tz', 'UTC'];
  const { stdout, stderr } = await wattduck(['report', 'revenue-summary', ...params, '--json', '--engine', engine()]);
  // Eight sessions of 0.57 on the day, none on the day before.
  expect(JSON.parse(stdout), stderr).toMatchObject({
    total_revenue: 4.56,
    total_revenue_before: 0,
    session_count: 8,
    session_count_before: 0,
  });
  const output = join(scratch(), 'revenue.html');
  const page = await wattduck(['page', 'report/revenue-summary', ...params, '-o', output, '--engine', engine()]);
  expect(page.status, page.stderr).toBe(0);
  const html = readFileSync(output, 'utf8');
  expect(html).toContain('4.56');
  expect(html).toContain(`--compare previous --engine ${engine()} --tz UTC`);
});

test.each([
  ['sql', 'select 1'],
  ['ingest', 'x.csv'],
  ['issues', 'ack', 'iss_1'],
  ['token', 'list'],
])('wattduck %s is rejected', async (...args) => {
  const { status, stderr } = await wattduck([...args, '--engine', engine()]);
  expect(status).toBe(2);
  expect(stderr).toContain('cannot run on ClickHouse, which is read-only for wattduck');
});

test('a database that does not exist, and one without tables', async () => {
  const other = await wattduck(['report', 'get-sessions', '--engine', engine().replace('/ev', '/nosuch')]);
  expect([other.status, other.stderr]).toEqual([1, expect.stringContaining('database nosuch not found')]);
  const empty = await wattduck(['report', 'get-sessions', '--engine', engine().replace('/ev', '/default')]);
  expect([empty.status, empty.stderr]).toEqual([1, expect.stringContaining('has no table of wattduck')]);
});

// Last: it kills the other node.
test('without a node, no report answers in part', async () => {
  await cluster.nodes[1]!.kill();
  const { status, stdout, stderr } = await wattduck(['report', 'get-sessions', '--json', '--engine', engine()]);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain('ClickHouse did not answer completely');
  expect(stderr).toContain('Check that every node runs');
  const gone = await wattduck(['report', 'get-sessions', '--engine', engine('default', 1)]);
  expect(gone.status).toBe(1);
  expect(gone.stderr).toContain('no connection to ClickHouse');
});
