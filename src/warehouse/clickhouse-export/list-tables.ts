import type { Catalog } from '../../catalog/catalog.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clickHouseType, nullableType } from '../clickhouse/types.ts';
import type { DuckDb } from '../duckdb.ts';
import { listTableLayouts } from '../parquet-folder/exported-tables.ts';
import { ledgerTables } from './ledger-tables.ts';
import { everywhereName, exportColumns, localName, type TargetColumn, type TargetTable } from './target-tables.ts';

/**
 * The tables for all sources and for the system tables that reports need, then those of the export itself.
 * @throws WattduckError (clickhouse_column_not_supported)
 */
export async function listTargetTables(duckdb: DuckDb, catalog: Catalog): Promise<TargetTable[]> {
  const tables: TargetTable[] = [];
  for (const { name, key, partitionBy } of await listTableLayouts(catalog)) {
    const declared = await duckdb.declaredColumns(name);
    // A column that may be null identifies no row.
    const isKeyless = key.length === 0 || key.some((each) => !declared.some((c) => c.name === each && c.required));
    const columns = declared.map((column): TargetColumn => ({
      name: column.name,
      duckdbType: column.type,
      type: columnType(name, column),
    }));
    tables.push({
      name,
      columns: [...columns, ...addedColumns(isKeyless)],
      key: isKeyless ? [exportColumns.hash, exportColumns.ordinal] : key,
      isKeyless,
      partitionBy,
      version: exportColumns.version,
      deleted: exportColumns.deleted,
      placement: partitionBy === undefined ? 'everywhere' : 'spread',
    });
  }
  tables.push(...ledgerTables);
  assertDistinctNames(tables);
  return tables;
}

function columnType(
  table: string,
  { name, type, required }: { name: string; type: string; required: boolean },
): string {
  const added: readonly string[] = Object.values(exportColumns);
  if (added.includes(name))
    throw new WattduckError('clickhouse_column_not_supported', { table, column: name, reason: 'its name is reserved' });
  try {
    return required ? clickHouseType(type) : nullableType(type);
  } catch (error) {
    const reason = `ClickHouse has no type for ${type}`;
    throw new WattduckError('clickhouse_column_not_supported', { table, column: name, reason }, error);
  }
}

const addedColumns = (isKeyless: boolean): TargetColumn[] => [
  { name: exportColumns.hash, type: 'UInt64' },
  ...(isKeyless ? [{ name: exportColumns.ordinal, type: 'UInt32' }] : []),
  { name: exportColumns.version, type: 'UInt64' },
  { name: exportColumns.deleted, type: 'UInt8' },
];

/** @throws WattduckError (clickhouse_name_taken) for a source with the name of a table of the export */
function assertDistinctNames(tables: readonly TargetTable[]): void {
  const names = new Set<string>();
  for (const { name, placement } of tables)
    for (const each of [name, placement === 'spread' ? localName(name) : everywhereName(name)]) {
      if (names.has(each)) throw new WattduckError('clickhouse_name_taken', { table: each });
      names.add(each);
    }
}
