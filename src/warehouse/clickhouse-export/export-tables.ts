import { join } from 'node:path';
import { version as duckdbVersion } from '@duckdb/node-api';
import type { Catalog } from '../../catalog/catalog.ts';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { LockWait } from '../connection.ts';
import { DuckDb, literal } from '../duckdb.ts';
import {
  listExportedTables,
  readContents,
  type ExportedTable,
  type FileContent,
} from '../parquet-folder/exported-tables.ts';
import { checkHistory, prepareTables, readShards } from './check-target.ts';
import { ExportLease } from './export-lease.ts';
import { ExportLedger, type RowCounts } from './export-ledger.ts';
import { listTargetTables } from './list-tables.ts';
import { MonthLoader, type LoadContext } from './month-loader.ts';
import { TargetServer } from './target-server.ts';
import { monthOfPartition, partitionSql, writtenName, type Target, type TargetTable } from './target-tables.ts';

/** How tables are exported. */
export interface TableExportOptions {
  client: ClickHouse;
  target: Target;
  lockWait: LockWait;
  redact: boolean;
  memoryLimit: string | undefined;
  /** Called before each month. */
  onMonth(name: string): void;
}

/** What an export did to a table. */
export interface LoadedTable {
  table: string;
  /** Whether it has months. */
  hasMonths: boolean;
  rows: number;
  /** Months that were loaded, and those that are as before. */
  loaded: number;
  unchanged: number;
  counts: RowCounts;
}

/**
 * Loads all sources into ClickHouse: only the months that changed since the last export. The data must be open, with a work
 * folder.
 */
export async function exportTables(
  duckdb: DuckDb,
  catalog: Catalog,
  options: TableExportOptions,
): Promise<LoadedTable[]> {
  const { client, target, lockWait, redact, memoryLimit } = options;
  const server = new TargetServer(client, target, duckdb.abortSignal);
  const tables = await listTargetTables(duckdb, catalog);
  const shards = await readShards(server);
  await prepareTables(server, tables);
  const shardCount = Math.max(1, shards.length);
  const lease = await ExportLease.take(server, shardCount, lockWait, (history) =>
    checkHistory(history, shardCount, target.database),
  );
  const local = await DuckDb.open(memoryLimit);
  const interrupt = (): void => local.interrupt();
  duckdb.abortSignal.addEventListener('abort', interrupt);
  try {
    await local.run(`set temp_directory = ${literal(join(duckdb.workDir ?? '', 'compare.tmp'))}`);
    await server.waitForLeftovers();
    const ledger = await ExportLedger.read(server, lease.exportNumber);
    const run = new ExportRun({ server, lease, duckdb, local, shards }, ledger, options);
    const sources = await listExportedTables(duckdb, catalog, redact);
    const results: LoadedTable[] = [];
    for (const table of tables)
      if (table.deleted !== undefined)
        results.push(
          await run.loadTable(
            table,
            sources.find(({ name }) => name === table.name),
          ),
        );
    return results;
  } finally {
    duckdb.abortSignal.removeEventListener('abort', interrupt);
    await local.close();
    // An error of the run matters more. A lease that is not released expires.
    await lease.release().catch(() => undefined);
  }
}

class ExportRun {
  readonly #context: LoadContext;
  readonly #ledger: ExportLedger;
  readonly #options: TableExportOptions;

  constructor(context: LoadContext, ledger: ExportLedger, options: TableExportOptions) {
    this.#context = context;
    this.#ledger = ledger;
    this.#options = options;
  }

  async loadTable(table: TargetTable, source: ExportedTable | undefined): Promise<LoadedTable> {
    this.#options.onMonth(table.name);
    const contents = source ? await readContents(this.#context.duckdb, source) : [];
    const byMonth = new Map(contents.map((content) => [content.month ?? '', content]));
    const known = this.#ledger.hasTable(table.name)
      ? this.#ledger.monthsWithRows(table.name)
      : await storedMonths(this.#context.server, table);
    const months = new Set([...byMonth.keys(), ...known]);
    const result: LoadedTable = {
      table: table.name,
      hasMonths: table.partitionBy !== undefined,
      rows: contents.reduce((sum, { rows }) => sum + rows, 0),
      loaded: 0,
      unchanged: 0,
      counts: { new: 0, updated: 0, unchanged: 0, removed: 0 },
    };
    for (const month of [...months].toSorted()) {
      const content = byMonth.get(month);
      const entry = this.#ledger.entry(table.name, month);
      if (entry?.state === 'done' && entry.content === contentText(content)) {
        if (content) result.unchanged += 1;
        continue;
      }
      this.#options.onMonth(`${table.name} ${month}`.trim());
      const counts = await this.#loadMonth(table, source, month, content);
      result.loaded += 1;
      for (const kind of ['new', 'updated', 'unchanged', 'removed'] as const) result.counts[kind] += counts[kind];
    }
    return result;
  }

  async #loadMonth(
    table: TargetTable,
    source: ExportedTable | undefined,
    month: string,
    content: FileContent | undefined,
  ): Promise<RowCounts> {
    const { lease } = this.#context;
    const rows = content?.rows ?? 0;
    const entry = { table: table.name, month, content: contentText(content), rows };
    const loader = new MonthLoader(this.#context, { table, source, month, rows });
    try {
      const compared = await loader.compare();
      lease.assertHeld();
      const before = this.#ledger.entry(table.name, month);
      // A run that was killed had judged the same rows before some of them moved.
      const isRepeated = before?.state === 'judged' && before.content === entry.content;
      const counts = isRepeated ? before.counts : compared;
      await this.#ledger.write({ ...entry, state: 'judged', counts });
      await loader.send();
      await loader.verify();
      lease.assertHeld();
      await this.#ledger.write({ ...entry, state: 'done', counts });
      return counts;
    } finally {
      loader.dispose();
    }
  }
}

/** The months with rows on ClickHouse. */
async function storedMonths(server: TargetServer, table: TargetTable): Promise<string[]> {
  const partition = partitionSql(table);
  const name = server.name(writtenName(table, server.target));
  const rows = await server.rows(`select distinct toUInt32(${partition ?? '0'}) from ${name} final`);
  return rows.map(([number]) => (partition === undefined ? '' : monthOfPartition(Number(number))));
}

/** Another version of DuckDB may hash in another way. */
const contentText = (content: FileContent | undefined): string =>
  content === undefined || content.rows === 0 ? '' : `${content.rows}/${content.hash}/${duckdbVersion()}`;
