import type { Source } from '../../catalog/definitions.ts';
import type { Node } from '../../catalog/parse-tree.ts';
import type { DuckDb } from '../duckdb.ts';
import { createQuarantineViews } from '../quarantine-tables.ts';
import { measureTables } from './column-sizes.ts';
import { CostCheck } from './cost.ts';
import { parseSelect } from './parse.ts';
import { isShowTables, showTablesSql } from './show-tables.ts';
import { SelectValidator } from './validator.ts';

/** What a select from outside may read. */
export interface SelectPolicy {
  tables: readonly string[];
  /** Sources whose rejected rows it may read too, as tables of their own. */
  sources: readonly Source[];
}

/** A select that keeps to its policy. */
export interface ValidatedSelect {
  /** The statement to run: `show tables` is written out as a select. */
  sql: string;
  tree: Node;
  /** Tables it names, in lower case. */
  tables: string[];
}

/**
 * Checks a statement from outside: one select of known tables and allowed functions, which DuckDB can plan, interrupt and
 * keep within its memory limit.
 * @param duckdb has the tables in sight that the select may read
 * @throws WattduckError (usage) saying what is not accepted
 */
export async function validateSelect(
  duckdb: DuckDb,
  statement: string,
  { tables, sources }: SelectPolicy,
): Promise<ValidatedSelect> {
  const sql = isShowTables(statement) ? await showTablesSql(duckdb, sources) : statement;
  const tree = await parseSelect(duckdb, sql);
  const validator = new SelectValidator(tables);
  validator.validate(tree['node']);
  const tableNames = [...validator.tableNames];
  await createQuarantineViews(duckdb, sources, tableNames);
  new CostCheck(await measureTables(duckdb, tableNames, sources)).check(tree['node'] as Node);
  return { sql, tree, tables: tableNames };
}
