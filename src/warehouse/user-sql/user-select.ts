import type { Source } from '../../catalog/definitions.ts';
import type { Node } from '../../catalog/parse-tree.ts';
import type { DuckDb } from '../duckdb.ts';
import { createQuarantineViews } from '../quarantine-tables.ts';
import { measureTables } from './column-sizes.ts';
import { CostCheck } from './cost.ts';
import { describedTable, describeTableSql } from './describe-table.ts';
import { parseSelect } from './parse.ts';
import { isShowTables, showTablesSql } from './show-tables.ts';
import { SelectValidator } from './validator.ts';

/** Tables and sources that a user's select may read. */
export interface SelectPolicy {
  tables: readonly string[];
  /** Sources whose rejected rows it may read, as `NAME_quarantine`. */
  sources: readonly Source[];
}

/** A select that passed all checks. */
export interface ValidatedSelect {
  /** The statement to run; `show tables` and `describe TABLE` become one. */
  sql: string;
  tree: Node;
  /** Tables in the select, in lower case. */
  tables: string[];
}

/**
 * Checks a user's statement: one select of allowed tables and functions that DuckDB can plan, interrupt and run within
 * its memory limit.
 * @param duckdb a connection that has the allowed tables
 * @throws WattduckError (usage) for anything that is not allowed
 */
export async function validateSelect(
  duckdb: DuckDb,
  statement: string,
  { tables, sources }: SelectPolicy,
): Promise<ValidatedSelect> {
  const sql = await toSelect(duckdb, statement, { tables, sources });
  const tree = await parseSelect(duckdb, sql);
  const validator = new SelectValidator(tables);
  validator.validate(tree['node']);
  const tableNames = [...validator.tableNames];
  await createQuarantineViews(duckdb, sources, tableNames);
  new CostCheck(await measureTables(duckdb, tableNames, sources)).check(tree['node'] as Node);
  return { sql, tree, tables: tableNames };
}

/** `show tables` and `describe TABLE` as a select; any other statement as it is. */
async function toSelect(duckdb: DuckDb, statement: string, { tables, sources }: SelectPolicy): Promise<string> {
  if (isShowTables(statement)) return showTablesSql(duckdb, sources);
  const table = describedTable(statement);
  if (table === undefined) return statement;
  await createQuarantineViews(duckdb, sources, [table.toLowerCase()]);
  return describeTableSql(duckdb, table, tables);
}
