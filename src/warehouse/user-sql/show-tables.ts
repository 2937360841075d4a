import type { Source } from '../../catalog/definitions.ts';
import { literal, type DuckDb } from '../duckdb.ts';
import { tablesInFile } from '../tables.ts';

/** Whether a statement is `show tables`. */
export const isShowTables = (sql: string): boolean =>
  /^show\s{1,20}(all\s{1,20})?tables$/i.test(sql.replace(/;$/, '').trim());

/** A select of the names of the sources that have a table in the file. */
export async function showTablesSql(duckdb: DuckDb, sources: readonly Source[]): Promise<string> {
  const names = sources.map(({ name }) => name);
  const present = (await tablesInFile(duckdb)).filter((table) => names.includes(table));
  const rows = present.map((name) => `(${literal(name)})`);
  return rows.length === 0
    ? 'select null::varchar as name where false'
    : `select name from (values ${rows.join(', ')}) as tables(name) order by name`;
}
