import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/catalog/definitions.ts';
import { findRole } from '../../src/catalog/period-parameters.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { connectClickHouse } from '../../src/warehouse/clickhouse/connect.ts';
import { openClickHouse } from '../../src/warehouse/clickhouse/open.ts';
import { parseClickHouseAddress } from '../../src/warehouse/clickhouse/address.ts';
import { openForReading } from '../../src/warehouse/database.ts';
import type { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { caseFiles, context, createSet, dataOf, dataSets, plain, readCase, testCase } from '../support/report-cases.ts';
import { startCluster, type ClickHouseCluster } from './cluster.ts';
import { loadDatabase } from './load.ts';

/** Copies a database file into a new database of a cluster. */
type Load = (db: string, cluster: ClickHouseCluster, database: string) => Promise<void>;

/**
 * Runs every worked case on a cluster; the last node answers.
 * @param load plain inserts by default
 * @param hidden tables that are not loaded
 */
export async function testCases(size: number, load?: Load, hidden: readonly string[] = []): Promise<void> {
  const { catalog } = await openEngine();
  const reports = (await catalog.reports()).filter(({ tables }) => !tables.some((table) => hidden.includes(table)));
  const opened = new Map<string, DuckDb>();
  const files = new Map<string, DuckDb>();
  let cluster: ClickHouseCluster | undefined;

  beforeAll(async () => {
    cluster = await startCluster(size);
    for (const set of dataSets) {
      const db = join(scratch(), `${set}.duckdb`);
      await createSet(set, db);
      await load?.(db, cluster, set);
      const { duckdb: file, catalog: catalogOfFile } = await openEngine();
      await openForReading(file, db, catalogOfFile);
      files.set(set, file);
      if (!load) await loadDatabase(file, cluster, set);
      opened.set(set, await openSet(set, cluster));
    }
  });
  afterAll(() => cluster?.stop());

  describe.each(reports.map((report): [string, Report] => [report.name, report]))('%s', (_, report) => {
    for (const file of caseFiles(report)) testCase(report, file, opened);
    for (const [file, kind] of comparisonsOf(report)) testComparison(report, file, kind, files, opened);
  });
}

/** The first cases of a report that can be compared with an earlier period, with both kinds of comparison. */
function comparisonsOf(report: Report): [string, string][] {
  const [start, compare] = [findRole(report, 'period_start')?.name, findRole(report, 'compare')?.name];
  if (start === undefined || compare === undefined) return [];
  const cases = caseFiles(report).filter((file) => {
    const { given, error } = readCase(report, file);
    return error === undefined && given[start] !== undefined;
  });
  return [
    ...cases.slice(0, 2).map((file): [string, string] => [file, 'previous']),
    ...cases.slice(2, 3).map((file): [string, string] => [file, 'year-ago']),
  ];
}

/** Tests that a comparison has the answer of DuckDB, or its error. */
function testComparison(report: Report, file: string, kind: string, ...engines: ReadonlyMap<string, DuckDb>[]): void {
  test(`${file.replace('.json', '')}, compared: ${kind}`, async () => {
    const expected = readCase(report, file);
    const given = { ...expected.given, [findRole(report, 'compare')!.name]: kind };
    const [here, there] = await Promise.all(
      engines.map((opened) =>
        runReport(opened.get(dataOf(expected))!, report, given, context).then(
          ({ rows, total, notes }) => ({ rows: rows.map((row) => plain(row)), total, notes }),
          String,
        ),
      ),
    );
    expect(there).toEqual(here);
  });
}

/** Opens a data set on ClickHouse. */
async function openSet(set: string, cluster: ClickHouseCluster): Promise<DuckDb> {
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
