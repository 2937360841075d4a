import type { NamedType } from '../catalog/catalog-database.ts';
import { identifier, type DuckDb } from './duckdb.ts';
import { eventsTable, heartbeatDays, heartbeatEvents } from './heartbeats.ts';

/** Column with the order in which rows arrived. It is not stored: sources that declare it keep the order of their rows. */
const arrivalColumn = 'arrival_order';

/** The SQL name of a table in the database file, for writers. */
export const databaseTable = (table: string): string => `db.main.${identifier(table)}`;

/**
 * Adds missing columns to a table of the database file and returns all its columns. The file stores only columns that
 * have data, because an empty column costs as much to write as a full one; readers see the others as null.
 */
export async function ensureColumns(duckdb: DuckDb, table: string, columns: readonly string[]): Promise<string[]> {
  const declared = await duckdb.declaredColumns(table);
  const present = (await duckdb.tableColumns(table, 'db')).map(({ name }) => name);
  const missing = declared.filter(
    ({ name, required }) => (required || columns.includes(name)) && !present.includes(name),
  );
  const ddl = missing.map(({ name, type, required }) => `${identifier(name)} ${type}${required ? ' not null' : ''}`);
  if (present.length === 0) await duckdb.run(`create table ${databaseTable(table)} (${ddl.join(', ')})`);
  else for (const column of ddl) await duckdb.run(`alter table ${databaseTable(table)} add column ${column}`);
  return [...present, ...missing.map(({ name }) => name)];
}

/**
 * Creates temporary views that add the declared columns missing in the file, as null.
 * @param replacements SQL expressions for columns, by table and column
 */
export async function createColumnViews(
  duckdb: DuckDb,
  tables: readonly string[],
  replacements: ReadonlyMap<string, Record<string, string>> = new Map(),
): Promise<void> {
  const views: string[] = [];
  for (const table of tables) {
    const declared = await duckdb.tableColumns(table);
    const present = (await duckdb.tableColumns(table, 'db')).map(({ name }) => name);
    const tableReplacements = replacements.get(table) ?? {};
    if (
      present.length === 0 ||
      // The heartbeats stored in days are events too.
      (table !== eventsTable &&
        declared.every(({ name }) => present.includes(name)) &&
        Object.keys(tableReplacements).length === 0)
    )
      continue;
    // A temporary view belongs to this connection and hides the table of the same name.
    views.push(
      `create or replace temp view ${identifier(table)} as ${selectDeclared(table, declared, present, tableReplacements)}`,
    );
  }
  if (views.length > 0) await duckdb.run(views.join(';\n'));
}

/** Select of the declared columns of a table in the database file; those missing there are null. Events include the heartbeats stored in days. */
export function selectDeclared(
  table: string,
  declared: readonly NamedType[],
  present: readonly string[],
  replacements: Record<string, string> = {},
): string {
  const rows = selectRows(table, declared, present, replacements);
  return table === eventsTable ? `${rows} union all ${heartbeatEvents(declared)}` : rows;
}

/** The same without the heartbeats stored in days. */
export function selectRows(
  table: string,
  declared: readonly NamedType[],
  present: readonly string[],
  replacements: Record<string, string> = {},
): string {
  const selectList = declared.map(({ name, type }) => {
    const missing = name === arrivalColumn ? 'rowid' : `null::${type}`;
    const value = present.includes(name) ? (replacements[name] ?? identifier(name)) : missing;
    return `${value} as ${identifier(name)}`;
  });
  return `select ${selectList.join(', ')} from ${databaseTable(table)}`;
}

/** Select of the declared columns of a table, whether or not the database file has it. */
export async function selectStored(duckdb: DuckDb, table: string): Promise<string> {
  const present = (await duckdb.tableColumns(table, 'db')).map(({ name }) => name);
  return present.length === 0
    ? `select * from memory.main.${identifier(table)}`
    : selectDeclared(table, await duckdb.tableColumns(table), present);
}

/** Number of rows of a table in the database file, with the heartbeats stored in days. */
export async function countStored(duckdb: DuckDb, table: string): Promise<number> {
  if ((await duckdb.tableColumns(table, 'db')).length === 0) return 0;
  const rows = await duckdb.countRows(`from ${databaseTable(table)}`);
  if (table !== eventsTable) return rows;
  const { n } = await duckdb.row(
    `select coalesce(sum(heartbeat_count), 0)::bigint as n from ${databaseTable(heartbeatDays)}`,
  );
  return rows + Number(n);
}

/** Names of all tables in the database file, or of those of a Parquet folder: views with their number of rows as a comment. */
export const tablesInFile = async (duckdb: DuckDb): Promise<string[]> =>
  (
    await duckdb.rows(
      `select table_name as name from duckdb_tables() where database_name = 'db'
       union all
       select view_name as name from duckdb_views() where database_name = 'db' and try_cast(comment as bigint) is not null`,
    )
  ).map(({ name }) => String(name));
