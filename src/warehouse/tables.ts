import { identifier, type DuckDb } from './duckdb.ts';

/** The table of a source in the file itself, for writers. */
export const databaseTable = (table: string): string => `db.main.${identifier(table)}`;

/**
 * Makes the file's table of a source have these columns, and answers all it has. A file's tables have only columns something was
 * taken in for: an empty one costs as much to write as a full one. Readers find the others empty.
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
 * Lets readers find every declared column of these tables: those the file's lack are empty.
 * @param replacements SQL that stands for columns of tables, by their names
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
      (declared.every(({ name }) => present.includes(name)) && Object.keys(tableReplacements).length === 0)
    )
      continue;
    const selectList = declared.map(({ name, type }) => {
      const value = present.includes(name) ? (tableReplacements[name] ?? identifier(name)) : `null::${type}`;
      return `${value} as ${identifier(name)}`;
    });
    // A temporary view is this connection's own, and is found before a table of its name.
    views.push(
      `create or replace temp view ${identifier(table)} as select ${selectList.join(', ')} from ${databaseTable(table)}`,
    );
  }
  if (views.length > 0) await duckdb.run(views.join(';\n'));
}

/** Every table a file has. */
export const tablesInFile = async (duckdb: DuckDb): Promise<string[]> =>
  (await duckdb.rows("select table_name as name from duckdb_tables() where database_name = 'db'")).map(({ name }) =>
    String(name),
  );
