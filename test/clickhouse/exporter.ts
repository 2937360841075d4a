import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { wattduck, type CliResult, type RunOptions } from '../support/cli.ts';
import { clusterName, type ClickHouseCluster } from './cluster.ts';
import { compareTables } from './compare.ts';

/** Exports databases to a cluster, and compares what arrived. */
export class Exporter {
  readonly cluster: ClickHouseCluster;
  readonly #folder: string;

  /** @param folder a temporary folder */
  constructor(cluster: ClickHouseCluster, folder: string) {
    this.cluster = cluster;
    this.#folder = folder;
  }

  /** Arguments of the command for a database of the cluster. */
  args(database: string, db: string): string[] {
    return ['export', '--to', this.address(database), ...this.#clusterArgs, '--db', db];
  }

  address(database: string, user?: string): string {
    const url = this.cluster.nodes[0]!.url.replace('http', 'clickhouse');
    return `${user === undefined ? url : url.replace('://', `://${user}@`)}/${database}`;
  }

  get #clusterArgs(): string[] {
    return this.cluster.nodes.length > 1 ? ['--cluster', clusterName] : [];
  }

  /** Runs the printed statements on every node of a cluster; on a single node the export creates the tables. */
  async createTables(database: string): Promise<void> {
    if (this.#clusterArgs.length === 0) return;
    const { status, stdout, stderr } = await wattduck([
      'export',
      '--to',
      this.address(database),
      ...this.#clusterArgs,
      '--print-ddl',
    ]);
    expect(status, stderr).toBe(0);
    for (const statement of stdout.split(/;\n/).filter((each) => each.trim() !== ''))
      await Promise.all(this.cluster.nodes.map((node) => node.query(statement)));
  }

  run(database: string, db: string, options?: RunOptions): Promise<CliResult> {
    return wattduck(this.args(database, db), options);
  }

  /** Runs an export that must succeed. Returns its output. */
  async export(database: string, db: string): Promise<string> {
    const { status, stderr } = await this.run(database, db);
    expect(status, stderr).toBe(0);
    return stderr;
  }

  /** Checks that no row differs, as seen from any node. */
  async expectEqual(database: string, db: string): Promise<void> {
    for (const node of this.cluster.nodes) {
      const folder = mkdtempSync(join(this.#folder, 'compare-'));
      const differences = Object.entries(await compareTables(db, node, database, folder));
      expect(differences.filter(([, { different }]) => different > 0)).toEqual([]);
      expect(differences.some(([, { rows }]) => rows > 0)).toBe(true);
    }
  }
}

/** Runs statements on a database file. */
export async function change(db: string, ...statements: string[]): Promise<void> {
  const duckdb = await DuckDb.open();
  try {
    await openForWriting(duckdb, db, await Catalog.open(duckdb));
    for (const statement of statements) await duckdb.run(statement);
  } finally {
    await duckdb.close();
  }
}
