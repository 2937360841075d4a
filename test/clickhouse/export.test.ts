import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { clusterName, startCluster, type ClickHouseCluster } from './cluster.ts';
import { compareTables, readLedger } from './compare.ts';

const folder = scratch();
const fixtures = join(folder, 'fixtures.duckdb');

beforeAll(async () => {
  const { status, stderr } = await wattduck(['ingest', 'fixtures/', '--db', fixtures]);
  expect(status, stderr).toBe(0);
});

describe.each([
  ['one node', 1],
  ['three shards', 3],
])('on %s', (_, size) => {
  let cluster: ClickHouseCluster;
  beforeAll(async () => {
    cluster = await startCluster(size);
  });
  afterAll(() => cluster?.stop());

  const clusterArgs = size > 1 ? ['--cluster', clusterName] : [];
  const addressOf = (database: string): string => `${cluster.nodes[0]!.url.replace('http', 'clickhouse')}/${database}`;

  /** Creates the tables of a database on each node of a cluster, from the printed statements. */
  async function createTables(database: string): Promise<void> {
    if (size === 1) return;
    const { status, stdout, stderr } = await wattduck([
      'export',
      '--to',
      addressOf(database),
      ...clusterArgs,
      '--print-ddl',
    ]);
    expect(status, stderr).toBe(0);
    for (const node of cluster.nodes)
      for (const statement of stdout.split(/;\n/)) if (statement.trim()) await node.query(statement);
  }
  const exportTo = (db: string, database: string): ReturnType<typeof wattduck> =>
    wattduck(['export', '--to', addressOf(database), ...clusterArgs, '--db', db]);

  /** The rows of both sides differ in no table. */
  async function expectEqual(db: string, database: string): Promise<void> {
    for (const node of cluster.nodes)
      for (const [table, { different, rows }] of Object.entries(
        await compareTables(db, node, database, scratchFolder()),
      ))
        expect({ table, different, rows }).toEqual({ table, different: 0, rows });
  }
  let copies = 0;
  function scratchFolder(): string {
    const path = join(folder, `compare-${size}-${(copies += 1)}`);
    cpSync('test/clickhouse/package.json', join(path, 'package.json'));
    return path;
  }

  test('loads all sources, then nothing', async () => {
    await createTables('ev');
    const first = await exportTo(fixtures, 'ev');

    expect(first.status, first.stderr).toBe(0);
    await expectEqual(fixtures, 'ev');
    const ledger = await readLedger(cluster.nodes[0]!, 'ev');

    const second = await exportTo(fixtures, 'ev');

    expect(await readLedger(cluster.nodes[0]!, 'ev')).toBe(ledger);
  });
});
