import { clickHouseIdentifier, clickHouseLiteral } from '../clickhouse/types.ts';
import {
  everywhereName,
  exportColumns,
  localName,
  partitionSql,
  qualifiedName,
  writtenColumns,
  type Target,
  type TargetTable,
} from './target-tables.ts';

/** Statements that create the database and all tables, on each node if there is a cluster. */
export const createStatements = (tables: readonly TargetTable[], target: Target): string[] => [
  createDatabase(target),
  ...tables.flatMap((table) => createTable(table, target)),
];

export const createDatabase = ({ database }: Target): string =>
  `create database if not exists ${clickHouseIdentifier(database)}`;

/** Statements that create a table, and in a cluster the table that distributes its rows. */
export function createTable(table: TargetTable, target: Target): string[] {
  const { name, placement } = table;
  if (target.cluster === undefined) return [createMergeTree(name, table, target)];
  return placement === 'spread'
    ? [
        createMergeTree(localName(name), table, target),
        createDistributed(name, localName(name), hashOf(table.key), target),
      ]
    : [
        createMergeTree(name, table, target),
        createDistributed(everywhereName(name), name, clickHouseIdentifier(exportColumns.shard), target),
      ];
}

function createMergeTree(name: string, table: TargetTable, target: Target): string {
  const columns = writtenColumns(table, target).map(
    (column) => `  ${clickHouseIdentifier(column.name)} ${column.type}`,
  );
  const partition = partitionSql(table);
  const versions = [table.version, table.deleted ?? []].flat().map(clickHouseIdentifier);
  return [
    `create table if not exists ${qualifiedName(target, name)} (`,
    `${columns.join(',\n')}\n) engine = ReplacingMergeTree(${versions.join(', ')})`,
    ...(partition === undefined ? [] : [`partition by ${partition}`]),
    `order by (${table.key.map(clickHouseIdentifier).join(', ')})`,
  ].join('\n');
}

function createDistributed(name: string, local: string, shardKey: string, target: Target): string {
  const args = [target.cluster!, target.database, local].map(clickHouseLiteral);
  return `create table if not exists ${qualifiedName(target, name)} as ${qualifiedName(target, local)}
engine = Distributed(${args.join(', ')}, ${shardKey})`;
}

const hashOf = (key: readonly string[]): string => `cityHash64(${key.map(clickHouseIdentifier).join(', ')})`;

/** Statements that add a column to a table, in a cluster on each node. */
export function addColumn(
  { name, placement }: TargetTable,
  { name: column, type }: { name: string; type: string },
  target: Target,
): string[] {
  const names =
    target.cluster === undefined
      ? [name]
      : placement === 'spread'
        ? [localName(name), name]
        : [name, everywhereName(name)];
  return names.map(
    (each) =>
      `alter table ${qualifiedName(target, each)} add column if not exists ${clickHouseIdentifier(column)} ${type}`,
  );
}
