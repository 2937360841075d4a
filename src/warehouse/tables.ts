import { identifier, literal, type Engine } from './engine.ts';

/** A column of a source as its DDL has it. */
interface Declared {
  name: string;
  type: string;
  required: boolean;
}

const columnsIn = async (engine: Engine, database: string, table: string): Promise<Declared[]> =>
  (await engine.rows(
    `select column_name, data_type, is_nullable from duckdb_columns()
     where database_name = ${literal(database)} and schema_name = 'main' and table_name = ${literal(table)} order by column_index`,
  )).map((row) => ({ name: String(row['column_name']), type: String(row['data_type']), required: row['is_nullable'] === false }));

/** The table of a source in the file itself, for writers. */
export const inFile = (table: string): string => `db.main.${identifier(table)}`;

/**
 * Makes the file's table of a source have these columns, and answers all it has. A file's tables have only columns something was
 * taken in for: an empty one costs as much to write as a full one. Readers find the others empty.
 */
export async function makeRoom(engine: Engine, table: string, columns: readonly string[]): Promise<string[]> {
  const declared = await columnsIn(engine, 'memory', table);
  const present = await columnsIn(engine, 'db', table);
  const wanted = declared.filter(({ name, required }) => required || columns.includes(name));
  const ddl = ({ name, type }: Declared): string => `${identifier(name)} ${type}`;
  if (present.length === 0) {
    await engine.run(`create table ${inFile(table)} (${wanted.map((each) => `${ddl(each)}${each.required ? ' not null' : ''}`).join(', ')})`);
    return wanted.map(({ name }) => name);
  }
  const missing = wanted.filter(({ name }) => !present.some((each) => each.name === name));
  for (const each of missing) await engine.run(`alter table ${inFile(table)} add column ${ddl(each)}`);
  return [...present, ...missing].map(({ name }) => name);
}

/** Lets readers find every declared column: those the file's tables lack are empty. */
export async function widenTables(engine: Engine): Promise<void> {
  const rows = await engine.rows(
    `select m.table_name, m.column_name, m.data_type, d.column_name is not null as is_there
     from duckdb_columns() m left join duckdb_columns() d on d.database_name = 'db' and d.table_name = m.table_name and d.column_name = m.column_name
     where m.database_name = 'memory' and m.schema_name = 'main' and not m.internal
       and m.table_name in (select table_name from duckdb_tables() where database_name = 'db')
     order by m.table_name, m.column_index`,
  );
  const narrow = new Set(rows.filter((row) => row['is_there'] === false).map((row) => String(row['table_name'])));
  if (narrow.size === 0) return;
  await engine.run('drop schema if exists memory.wide cascade');
  await engine.run('create schema memory.wide');
  for (const table of narrow) {
    const list = rows
      .filter((row) => row['table_name'] === table)
      .map(({ column_name: name, data_type: type, is_there: isThere }) =>
        isThere === true ? identifier(String(name)) : `null::${String(type)} as ${identifier(String(name))}`);
    await engine.run(`create view memory.wide.${identifier(table)} as select ${list.join(', ')} from ${inFile(table)}`);
  }
  await engine.run("set search_path = 'memory.wide,db.main,memory.main'");
}
