import { clickHouseIdentifier } from '../clickhouse/types.ts';

/** Columns that the export adds to each table. */
export const exportColumns = {
  /** Hash of the row by DuckDB. */
  hash: 'export_hash',
  /** Number of the row among equal rows, in tables without a key. */
  ordinal: 'export_ordinal',
  /** Odd in rows; a deleted row has the next even number. */
  version: 'export_version',
  deleted: 'export_deleted',
  /** Shard that the copy of a row is for, in tables that every node has. */
  shard: 'export_shard',
} as const;

/** A column in the types of both engines. */
export interface TargetColumn {
  name: string;
  /** Type in DuckDB; undefined for a column that the export adds. */
  duckdbType?: string;
  type: string;
}

/** A table of ClickHouse that the export writes. */
export interface TargetTable {
  name: string;
  columns: readonly TargetColumn[];
  /** Columns that identify a row. */
  key: readonly string[];
  /** Whether the key comes from the hash of a row, because rows may be equal. */
  isKeyless: boolean;
  /** Time column whose UTC month is the partition. */
  partitionBy?: string | undefined;
  /** Column with the highest value of the row that stays. */
  version: string;
  /** Column that is 1 in deleted rows. */
  deleted?: string | undefined;
  /** In a cluster: rows spread by the hash of their key, or all rows on every node. */
  placement: 'spread' | 'everywhere';
}

/** Database, and the cluster whose nodes share the rows. */
export interface Target {
  database: string;
  cluster?: string | undefined;
}

/** Name of the table with the rows of one node. */
export const localName = (table: string): string => `${table}_local`;
/** Name of the table that writes to every node. */
export const everywhereName = (table: string): string => `${table}_all`;

/** Name of the table that the export writes to and compares with. */
export const writtenName = ({ name, placement }: TargetTable, { cluster }: Target): string =>
  cluster !== undefined && placement === 'everywhere' ? everywhereName(name) : name;

export const qualifiedName = (target: Target, table: string): string =>
  `${clickHouseIdentifier(target.database)}.${clickHouseIdentifier(table)}`;

/** Columns of a table that is written; in a cluster with the shard of each copy. */
export const writtenColumns = (table: TargetTable, { cluster }: Target): readonly TargetColumn[] =>
  cluster !== undefined && table.placement === 'everywhere'
    ? [...table.columns, { name: exportColumns.shard, type: 'UInt32' }]
    : table.columns;

/** SQL of ClickHouse for the partition of a row, such as 202501; 0 for months of unusual years. */
export function partitionSql({ partitionBy, columns }: TargetTable): string | undefined {
  if (partitionBy === undefined) return undefined;
  const column = clickHouseIdentifier(partitionBy);
  const month = `if(toYear(${column}) between 1990 and 2100, toYYYYMM(${column}), 0)`;
  return columns.some(({ name, type }) => name === partitionBy && type.startsWith('Nullable'))
    ? `ifNull(${month}, 0)`
    : month;
}

/** The partition of a month such as `2025-01`, or of `other`. */
export const partitionOf = (month: string): number => (month === 'other' ? 0 : Number(month.replace('-', '')));

export const monthOfPartition = (partition: number): string =>
  partition === 0 ? 'other' : `${Math.floor(partition / 100)}-${String(partition % 100).padStart(2, '0')}`;
