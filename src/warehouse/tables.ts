import { identifier, type Engine } from './engine.ts';

/** The table of a source in the file itself, for writers. */
export const inFile = (table: string): string => `db.main.${identifier(table)}`;

/**
 * Makes the file's table of a source have these columns, and answers all it has. A file's tables have only columns something was
 * taken in for: an empty one costs as much to write as a full one. Readers find the others empty.
 */
export async function makeRoom(engine: Engine, table: string, columns: readonly string[]): Promise<string[]> {
  const declared = await engine.declaredColumns(table);
  const present = (await engine.tableColumns(table, 'db')).map(({ name }) => name);
  const missing = declared.filter(
    ({ name, required }) => (required || columns.includes(name)) && !present.includes(name),
  );
  const ddl = missing.map(({ name, type, required }) => `${identifier(name)} ${type}${required ? ' not null' : ''}`);
  if (present.length === 0) await engine.run(`create table ${inFile(table)} (${ddl.join(', ')})`);
  else for (const column of ddl) await engine.run(`alter table ${inFile(table)} add column ${column}`);
  return [...present, ...missing.map(({ name }) => name)];
}

/**
 * Lets readers find every declared column of these tables: those the file's lack are empty.
 * @param instead SQL that stands for columns of tables, by their names
 */
export async function widenTables(
  engine: Engine,
  tables: readonly string[],
  instead: ReadonlyMap<string, Record<string, string>> = new Map(),
): Promise<void> {
  const views: string[] = [];
  for (const table of tables) {
    const declared = await engine.tableColumns(table);
    const present = (await engine.tableColumns(table, 'db')).map(({ name }) => name);
    const other = instead.get(table) ?? {};
    if (
      present.length === 0 ||
      (declared.every(({ name }) => present.includes(name)) && Object.keys(other).length === 0)
    )
      continue;
    const list = declared.map(({ name, type }) => {
      const value = present.includes(name) ? (other[name] ?? identifier(name)) : `null::${type}`;
      return `${value} as ${identifier(name)}`;
    });
    // A temporary view is this connection's own, and is found before a table of its name.
    views.push(`create or replace temp view ${identifier(table)} as select ${list.join(', ')} from ${inFile(table)}`);
  }
  if (views.length > 0) await engine.run(views.join(';\n'));
}

/** Every table a file has. */
export const tablesInFile = async (engine: Engine): Promise<string[]> =>
  (await engine.rows("select table_name as name from duckdb_tables() where database_name = 'db'")).map(({ name }) =>
    String(name),
  );
