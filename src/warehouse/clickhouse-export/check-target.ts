import { WattduckError } from '../../errors/wattduck-error.ts';
import { schemaVersion } from '../database.ts';
import type { RunHistory } from './export-lease.ts';
import { addColumn, createDatabase, createTable } from './table-ddl.ts';
import type { TargetServer } from './target-server.ts';
import { qualifiedName, writtenColumns, writtenName, type TargetTable } from './target-tables.ts';

/**
 * Creates missing tables and columns on a single server. In a cluster, each node needs them, so they are only checked.
 * @throws WattduckError (clickhouse_table_missing, clickhouse_column_missing, clickhouse_column_differs,
 *   clickhouse_table_of_cluster, clickhouse_table_not_of_cluster)
 */
export async function prepareTables(server: TargetServer, tables: readonly TargetTable[]): Promise<void> {
  const { target } = server;
  if (target.cluster === undefined) {
    const [row] = await server.rows('select count() from system.databases where name = {database:String}', {
      database: target.database,
    });
    if (Number(row?.[0]) === 0) await server.command(createDatabase(target));
  }
  const present = await readTables(server);
  for (const table of tables) {
    const found = present.get(writtenName(table, target)) ?? present.get(table.name);
    if (found === undefined) {
      if (target.cluster !== undefined)
        throw new WattduckError('clickhouse_table_missing', {
          table: qualifiedName(target, writtenName(table, target)),
        });
      for (const statement of createTable(table, target)) await server.command(statement);
    } else await prepareColumns(server, table, found);
  }
}

/** ClickHouse prints types with other spaces. */
const withoutSpaces = (type: string): string => type.replaceAll(' ', '');

interface PresentTable {
  /** Cluster of a Distributed table. */
  cluster: string | undefined;
  columns: Map<string, string>;
}

async function readTables(server: TargetServer): Promise<Map<string, PresentTable>> {
  const params = { database: server.target.database };
  const tables = new Map<string, PresentTable>();
  for (const [name, engine] of (await server.rows(
    'select name, engine_full from system.tables where database = {database:String}',
    params,
  )) as [string, string][])
    tables.set(name, { cluster: /^Distributed\('?((?:[^'\\,]|\\.)*)/.exec(engine)?.[1], columns: new Map() });
  for (const [table, name, type] of (await server.rows(
    'select table, name, type from system.columns where database = {database:String}',
    params,
  )) as [string, string, string][])
    tables.get(table)?.columns.set(name, type);
  return tables;
}

async function prepareColumns(server: TargetServer, table: TargetTable, found: PresentTable): Promise<void> {
  const { target } = server;
  const name = qualifiedName(target, writtenName(table, target));
  if (found.cluster === undefined && target.cluster !== undefined)
    throw new WattduckError('clickhouse_table_not_of_cluster', { table: name, cluster: target.cluster });
  if (found.cluster !== undefined && found.cluster !== target.cluster)
    throw new WattduckError('clickhouse_table_of_cluster', { table: name, cluster: found.cluster });
  for (const column of writtenColumns(table, target)) {
    const type = found.columns.get(column.name);
    if (type !== undefined && withoutSpaces(type) === withoutSpaces(column.type)) continue;
    if (type !== undefined)
      throw new WattduckError('clickhouse_column_differs', {
        table: name,
        column: column.name,
        type,
        expected: column.type,
      });
    const statements = addColumn(table, column, target);
    // A key cannot change.
    if (table.key.includes(column.name) || target.cluster !== undefined)
      throw new WattduckError('clickhouse_column_missing', {
        table: name,
        column: column.name,
        ddl: statements.join('; '),
      });
    for (const statement of statements) await server.command(statement);
  }
}

/**
 * Where rows of each shard go: the number for which the sharding key chooses it.
 * @throws WattduckError (clickhouse_cluster_not_found)
 */
export async function readShards(server: TargetServer): Promise<number[]> {
  const { cluster } = server.target;
  if (cluster === undefined) return [];
  const rows = await server.rows(
    'select shard_num, any(shard_weight) from system.clusters where cluster = {cluster:String} group by shard_num order by shard_num',
    { cluster },
  );
  if (rows.length === 0) throw new WattduckError('clickhouse_cluster_not_found', { cluster });
  let sum = 0;
  return rows.map(([, weight]) => {
    const first = sum;
    sum += Number(weight);
    return first;
  });
}

/** @throws WattduckError (clickhouse_schema_too_new, clickhouse_shards_changed) */
export function checkHistory(history: RunHistory | undefined, shards: number, database: string): void {
  if (!history) return;
  if (history.schemaVersion > schemaVersion)
    throw new WattduckError('clickhouse_schema_too_new', { database, version: history.wattduck });
  if (history.shards !== shards)
    throw new WattduckError('clickhouse_shards_changed', { database, before: history.shards, now: shards });
}
