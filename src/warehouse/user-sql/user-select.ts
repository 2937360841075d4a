import type { Source } from '../../catalog/definitions.ts';
import type { Node } from '../../catalog/parse-tree.ts';
import type { Engine } from '../engine.ts';
import { showQuarantines } from '../quarantine-tables.ts';
import { measureTables } from './column-sizes.ts';
import { CostCheck } from './cost.ts';
import { parseSelect } from './parse.ts';
import { isShowTables, tablesSql } from './show-tables.ts';
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
 * @param engine has the tables in sight that the select may read
 * @throws WattduckError (usage) saying what is not accepted
 */
export async function validateSelect(
  engine: Engine,
  statement: string,
  { tables, sources }: SelectPolicy,
): Promise<ValidatedSelect> {
  const sql = isShowTables(statement) ? await tablesSql(engine, sources) : statement;
  const tree = await parseSelect(engine, sql);
  const validator = new SelectValidator(tables);
  validator.validate(tree['node']);
  const found = [...validator.found];
  await showQuarantines(engine, sources, found);
  new CostCheck(await measureTables(engine, found, sources)).check(tree['node'] as Node);
  return { sql, tree, tables: found };
}
