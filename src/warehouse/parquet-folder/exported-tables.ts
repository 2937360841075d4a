import { version as duckdbVersion } from '@duckdb/node-api';
import type { Catalog } from '../../catalog/catalog.ts';
import type { NamedType } from '../../catalog/catalog-database.ts';
import { identifier, type DuckDb } from '../duckdb.ts';
import { heartbeatDays } from '../heartbeats.ts';
import { redactions } from '../redact.ts';
import { selectRows, tablesInFile } from '../tables.ts';
import { monthOf, type Manifest } from './manifest.ts';

/** How the rows of a table are split and ordered. */
export interface TableLayout {
  name: string;
  /** Columns that identify a row; none if rows may be equal. */
  key: readonly string[];
  /** Time column whose UTC month splits the rows into files; one file without it. */
  partitionBy?: string | undefined;
  /** Order of the rows in a file. */
  orderBy: readonly string[];
  /** Column with the order of arrival, which differs between copies of a database. */
  arrivalOrder?: string | undefined;
}

/** A table to export, with the rows that the database has. */
export interface ExportedTable extends TableLayout {
  columns: readonly NamedType[];
  /** Select of its rows. */
  rows: string;
}

/** System tables that reports need. The request log and the tokens belong to a server, and are never exported. */
const systemTables: readonly TableLayout[] = [
  {
    name: heartbeatDays,
    key: ['station_id', 'event_type', 'day'],
    partitionBy: 'day',
    orderBy: ['day', 'station_id', 'event_type'],
  },
  { name: 'issue_acknowledgements', key: [], orderBy: ['acknowledged_at', 'issue_id', 'note'] },
  { name: 'resolved_issues', key: [], orderBy: ['created_at', 'issue_id'] },
  { name: 'ingests', key: ['ingest_id'], orderBy: ['ingest_id'] },
  { name: 'quarantine', key: [], orderBy: ['ingest_id', 'quarantine_id'] },
];

/** Names of all tables that an export may write. */
export const exportedNames = async (catalog: Catalog): Promise<string[]> => [
  ...(await catalog.sources()).map(({ name }) => name),
  ...systemTables.map(({ name }) => name),
];

/** Sources, and the system tables that reports need. */
export async function listTableLayouts(catalog: Catalog): Promise<TableLayout[]> {
  return [
    ...(await catalog.sources()).map(({ name, key, partitionBy, arrivalOrder }): TableLayout => ({
      name,
      key,
      partitionBy,
      arrivalOrder,
      orderBy: [...new Set([...(partitionBy ? [partitionBy] : []), ...(arrivalOrder ? [arrivalOrder] : key)])],
    })),
    ...systemTables,
  ];
}

/** The tables to export: sources and system tables that the database has. @param redact whether personal values are hidden */
export async function listExportedTables(duckdb: DuckDb, catalog: Catalog, redact: boolean): Promise<ExportedTable[]> {
  const layouts = await listTableLayouts(catalog);
  const present = new Set(await tablesInFile(duckdb));
  const replacements = redact ? await redactions(catalog) : undefined;
  return Promise.all(
    layouts
      .filter(({ name }) => present.has(name))
      .map(async (layout) => {
        const columns = await duckdb.tableColumns(layout.name);
        const stored = (await duckdb.tableColumns(layout.name, 'db')).map(({ name }) => name);
        return { ...layout, columns, rows: selectRows(layout.name, columns, stored, replacements?.get(layout.name)) };
      }),
  );
}

/** Months outside these years have one file together: a wrong clock must not make a file per row. */
const [firstYear, lastYear] = [1990, 2100];

const hasUsualYear = (column: string): string =>
  `(${column} >= timestamp '${firstYear}-01-01' and ${column} < timestamp '${lastYear + 1}-01-01')`;

/** SQL of the month of a row, such as `2025-01`, or `other`. */
export const monthSql = (column: string): string =>
  `case when ${hasUsualYear(identifier(column))} then strftime(${identifier(column)}, '%Y-%m') else 'other' end`;

/** Condition for the rows of a month, by which DuckDB skips the blocks of others. */
export const isInMonth = (column: string, month: string): string =>
  month === 'other'
    ? `${hasUsualYear(identifier(column))} is not true`
    : `${identifier(column)} >= timestamp '${month}-01' and ${identifier(column)} < timestamp '${month}-01' + interval 1 month`;

/** The rows of one file, and their hash. */
export interface FileContent {
  month: string | undefined;
  rows: number;
  hash: string;
}

/**
 * Counts and hashes the rows of each file of a table, whatever their order. Of the order of arrival only differences count: it
 * shifts when earlier rows are deleted.
 */
export async function readContents(
  duckdb: DuckDb,
  { columns, rows, partitionBy, arrivalOrder }: ExportedTable,
): Promise<FileContent[]> {
  const hashed = columns.filter(({ name }) => name !== arrivalOrder).map(({ name }) => identifier(name));
  const arrival = arrivalOrder && identifier(arrivalOrder);
  const parts = [
    'sum(h)',
    'bit_xor(h)',
    ...(arrival ? [`sum((h >> 32)::hugeint * ${arrival}) - min(${arrival}) * sum((h >> 32)::hugeint)`] : []),
  ];
  const contents = await duckdb.rows(
    `select ${partitionBy ? monthSql(partitionBy) : 'null::varchar'} as month, count(*)::varchar as n,
       concat_ws('/', ${parts.map((part) => `(${part})::varchar`).join(', ')}) as hash
     from (select *, hash(${hashed.join(', ')}) as h from (${rows}))
     group by 1 order by 1`,
  );
  return contents.map(({ month, n, hash }) => ({
    month: month === null ? undefined : String(month),
    rows: Number(n),
    hash: String(hash),
  }));
}

/** Files of an open folder whose rows differ from those that were exported. Another version of DuckDB cannot compare them. */
export async function findChangedFiles(duckdb: DuckDb, catalog: Catalog, manifest: Manifest): Promise<string[]> {
  if (manifest.duckdb !== duckdbVersion()) return [];
  const changed: string[] = [];
  for (const table of await listExportedTables(duckdb, catalog, false)) {
    const contents = await readContents(duckdb, table);
    for (const file of manifest.tables[table.name]?.files ?? []) {
      const content = contents.find(({ month }) => month === monthOf(file));
      if (content?.rows !== file.rows || content.hash !== file.hash) changed.push(file.path);
    }
  }
  return changed;
}
