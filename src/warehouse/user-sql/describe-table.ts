import { suggest } from '../../text/names.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { identifier, literal, type DuckDb } from '../duckdb.ts';

/** The table of `describe TABLE` or `show TABLE`; undefined for any other statement. */
export const describedTable = (sql: string): string | undefined =>
  /^(?:describe|desc|show)\s{1,20}("?)(\w{1,200})\1$/i.exec(sql.replace(/;$/, '').trim())?.[2];

/** A select of the names and types of the columns of a table. @throws WattduckError (unknown_table) unless it is allowed */
export async function describeTableSql(duckdb: DuckDb, name: string, tables: readonly string[]): Promise<string> {
  const table = tables.find((each) => each.toLowerCase() === name.toLowerCase());
  if (table === undefined) throw new WattduckError('unknown_table', { table: name, suggestion: suggest(name, tables) });
  const { columns } = await duckdb.describeInFile(`select * from ${identifier(table)}`);
  const rows = columns.map((column, at) => `(${at}, ${literal(column.name)}, ${literal(column.type)})`);
  return `select name, type from (values ${rows.join(', ')}) as columns(position, name, type) order by position`;
}
