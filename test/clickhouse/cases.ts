import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Report } from '../../src/catalog/definitions.ts';
import { connectClickHouse } from '../../src/warehouse/clickhouse/connect.ts';
import { openClickHouse } from '../../src/warehouse/clickhouse/open.ts';
import { parseClickHouseAddress } from '../../src/warehouse/clickhouse/address.ts';
import { openForReading } from '../../src/warehouse/database.ts';
import type { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { caseFiles, createSet, dataSets, testCase } from '../support/report-cases.ts';
import { startCluster, type ClickHouseCluster } from './cluster.ts';
import { loadDatabase } from './load.ts';

/** Copies a database file into a new database of a cluster. */
type Load = (db: string, cluster: ClickHouseCluster, database: string) => Promise<void>;

/** Runs every worked case on a cluster; the last node answers. @param hidden tables that are not loaded */
export async function testCases(
  size: number,
  load: Load = insertTables,
  hidden: readonly string[] = [],
): Promise<void> {
  const { catalog } = await openEngine();
  const reports = (await catalog.reports()).filter(({ tables }) => !tables.some((table) => hidden.includes(table)));
  const opened = new Map<string, DuckDb>();
  let cluster: ClickHouseCluster | undefined;

  beforeAll(async () => {
    cluster = await startCluster(size);
    for (const set of dataSets) opened.set(set, await openSet(set, cluster, load));
  });
  afterAll(() => cluster?.stop());

  describe.each(reports.map((report): [string, Report] => [report.name, report]))('%s', (_, report) => {
    for (const file of caseFiles(report)) testCase(report, file, opened);
  });
}

/** Loads a folder of data/ and opens it on ClickHouse. */
async function openSet(set: string, cluster: ClickHouseCluster, load: Load): Promise<DuckDb> {
  const db = join(scratch(), `${set}.duckdb`);
  await createSet(set, db);
  await load(db, cluster, set);
  const { duckdb, catalog } = await openEngine();
  const url = cluster.nodes.at(-1)!.url.replace('http:', 'clickhouse:');
  connectClickHouse(
    duckdb,
    await openClickHouse(duckdb, catalog, {
      address: parseClickHouseAddress(`${url}/${set}`, '--engine'),
      password: '',
      seconds: 60,
    }),
  );
  return duckdb;
}

async function insertTables(db: string, cluster: ClickHouseCluster, database: string): Promise<void> {
  const { duckdb, catalog } = await openEngine();
  await openForReading(duckdb, db, catalog);
  await loadDatabase(duckdb, cluster, database);
}
