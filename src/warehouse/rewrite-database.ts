import { WattduckError } from '../errors/wattduck-error.ts';
import type { DatabaseSize } from './connection.ts';
import { identifier, literal, type DuckDb } from './duckdb.ts';
import type { TableOrder } from './time-order.ts';

/** Name of the new file while it is attached. */
export const rewrittenDatabase = 'rewritten';

/** Number of rows of a table, and the sum of their hashes, which does not depend on their order. */
interface TableContent {
  rows: number;
  checksum: string;
}

interface StoredTable {
  schema: string;
  name: string;
  columns: string[];
}

/** Work on one table, for progress. */
type OnTable = (table: string) => void;

/**
 * Writes all tables of the attached database into a new file, with the rows in order, and compares the file with the database
 * after it was closed. Definitions of tables, views, indexes and macros are copied. No one may write to the database meanwhile.
 * @throws WattduckError (optimize_invalid) if the file differs, or the error of DuckDB
 */
export async function rewriteDatabase(
  duckdb: DuckDb,
  file: string,
  orders: ReadonlyMap<string, TableOrder>,
  { path, onTable }: { path: string; onTable: OnTable },
): Promise<DatabaseSize> {
  const tables = await tablesOf(duckdb, 'db');
  await duckdb.run(`attach ${literal(file)} as ${rewrittenDatabase}`);
  await duckdb.run(`copy from database db to ${rewrittenDatabase} (schema)`);
  const contents: TableContent[] = [];
  for (const table of tables) {
    onTable(table.name);
    const columns = table.columns.map(identifier).join(', ');
    await duckdb.run(
      `insert into ${qualified(rewrittenDatabase, table)} (${columns}) select ${columns} from ${qualified('db', table)} order by ${orderBy(table, orders)}`,
    );
    contents.push(await contentOf(duckdb, 'db', table));
  }
  await duckdb.run(`checkpoint ${rewrittenDatabase}`);
  await duckdb.run(`detach ${rewrittenDatabase}`);
  // The comparison must read the disk, not the cache of DuckDB.
  await duckdb.run(`attach ${literal(file)} as ${rewrittenDatabase} (read_only)`);
  for (const [at, table] of tables.entries()) {
    const [expected, found] = [contents[at]!, await contentOf(duckdb, rewrittenDatabase, table)];
    if (found.rows !== expected.rows)
      throw invalid(path, `has ${found.rows} rows of ${table.name} instead of ${expected.rows}`);
    if (found.checksum !== expected.checksum) throw invalid(path, `has other rows of ${table.name}`);
  }
  if ((await definitionsOf(duckdb, rewrittenDatabase)) !== (await definitionsOf(duckdb, 'db')))
    throw invalid(path, 'has other definitions');
  return { tables: tables.length, rows: contents.reduce((sum, { rows }) => sum + rows, 0) };
}

const invalid = (path: string, difference: string): WattduckError =>
  new WattduckError('optimize_invalid', { path, difference });

const qualified = (database: string, { schema, name }: StoredTable): string =>
  [database, schema, name].map(identifier).join('.');

/** Rows that are equal in the columns keep their order, which the arrival order of events needs. */
function orderBy({ schema, name, columns }: StoredTable, orders: ReadonlyMap<string, TableOrder>): string {
  const { columns: sortColumns } = (schema === 'main' && orders.get(name)) || { columns: [] };
  return [...sortColumns.filter((column) => columns.includes(column)).map(identifier), 'rowid'].join(', ');
}

async function tablesOf(duckdb: DuckDb, database: string): Promise<StoredTable[]> {
  const rows = await duckdb.rows(
    `select schema_name, table_name, list(column_name order by column_index) as columns from duckdb_columns()
     where database_name = ${literal(database)}
       and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables() where database_name = ${literal(database)})
     group by all order by all`,
  );
  return rows.map(({ schema_name: schema, table_name: name, columns }) => ({
    schema: String(schema),
    name: String(name),
    columns: columns as string[],
  }));
}

async function contentOf(duckdb: DuckDb, database: string, table: StoredTable): Promise<TableContent> {
  const { n, checksum } = await duckdb.row(
    `select count(*) as n, coalesce(sum(hash(${table.columns.map(identifier).join(', ')})), 0)::varchar as checksum from ${qualified(database, table)}`,
  );
  return { rows: Number(n), checksum: String(checksum) };
}

/** Definitions of tables, views, indexes and macros, as one text. */
async function definitionsOf(duckdb: DuckDb, database: string): Promise<string> {
  const rows = await duckdb.rows(
    `select sql from (
       select sql, database_name from duckdb_tables()
       union all select sql, database_name from duckdb_indexes()
       union all select sql, database_name from duckdb_views() where not internal
       union all select concat_ws(' ', 'macro', schema_name, function_name, parameters::varchar, macro_definition), database_name from duckdb_functions() where function_type in ('macro', 'table_macro'))
     where database_name = ${literal(database)} order by all`,
  );
  return JSON.stringify(rows);
}
