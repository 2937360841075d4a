import type { NamedType } from '../catalog/catalog-database.ts';
import { identifier, type DuckDb } from './duckdb.ts';
import { eventsTable, fromStoredEvent, isDerivable, toStoredEvent, type ColumnSql } from './event-rows.ts';
import { heartbeatDays, heartbeatEvents } from './heartbeats.ts';

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
  const ddl = missing.map(
    ({ name, type, required }) =>
      `${identifier(name)} ${type}${required && !isDerivable(table, name) ? ' not null' : ''}${uniqueTexts[table] === name ? ' using compression fsst' : ''}`,
  );
  if (present.length === 0) await duckdb.run(`create table ${databaseTable(table)} (${ddl.join(', ')})`);
  else for (const column of ddl) await duckdb.run(`alter table ${databaseTable(table)} add column ${column}`);
  return [...present, ...missing.map(({ name }) => name)];
}

/** Unique texts of large tables. DuckDB would look for repeated values first, which takes as long as writing the texts. */
const uniqueTexts: Record<string, string> = { charging_sessions: 'session_id', customer_events: 'event_id' };

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
    const value = present.includes(name) ? (replacements[name] ?? storedValue(table, name, present)) : missing;
    return `${value} as ${identifier(name)}`;
  });
  return `select ${selectList.join(', ')} from ${databaseTable(table)}`;
}

/** SQL of the columns that rows have. @param alias of the rows, with a dot */
export const presentColumns =
  (present: readonly string[], alias = ''): ColumnSql =>
  (name) =>
    present.includes(name) ? `${alias}${identifier(name)}` : undefined;

/**
 * SQL of a column's value in a table of the database file.
 * @param present columns of the table
 * @param alias of the table, with a dot
 */
export function storedValue(table: string, name: string, present: readonly string[], alias = ''): string {
  const column = presentColumns(present, alias);
  return (table === eventsTable ? fromStoredEvent(name, column) : column(name)) ?? 'null::varchar';
}

/** The rows of a table in the database file, with the values of their columns and `rowid`, for a `from` clause. Those of events have a `stored_id`, null for a default one. */
export async function tableRows(duckdb: DuckDb, table: string): Promise<string> {
  if (table !== eventsTable) return databaseTable(table);
  const present = (await duckdb.tableColumns(table, 'db')).map(({ name }) => name);
  const values = present.map((name) => `${storedValue(table, name, present)} as ${identifier(name)}`);
  return `(select ${['rowid as rowid', 'event_id as stored_id', ...values].join(', ')} from ${databaseTable(table)})`;
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

/** Removes the IDs and versions of stored events that their other columns give. */
export async function compactEvents(duckdb: DuckDb): Promise<void> {
  const present = (await duckdb.tableColumns(eventsTable, 'db')).map(({ name }) => name);
  if (present.length === 0) return;
  const values = present.map((name) => `${toStoredEvent(name, presentColumns(present))} as ${identifier(name)}`);
  // A new table, because an update would need room for both versions of each row.
  await duckdb.run(`create table db.main.new_events as select ${values.join(', ')} from ${databaseTable(eventsTable)}`);
  await duckdb.run(`drop table ${databaseTable(eventsTable)}`);
  await duckdb.run(`alter table db.main.new_events rename to ${eventsTable}`);
}
