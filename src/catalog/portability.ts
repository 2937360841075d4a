import { clipMessage } from '../text/plain-text.ts';
import { findShadowedAliases } from './alias-shadowing.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { SqlFile } from './front-matter.ts';
import { isPlainObject } from './plain-object.ts';
import { childNodes, type Node, type PortabilityIssue } from './parse-tree.ts';
import { sqlFileError } from './sql-text.ts';

const isFunction = (node: unknown, ...names: string[]): node is Node =>
  isPlainObject(node) &&
  (node['class'] === 'FUNCTION' || node['class'] === 'WINDOW') &&
  names.includes(String(node['function_name']));

const isCast = (node: unknown, ...types: string[]): node is Node =>
  isPlainObject(node) && node['class'] === 'CAST' && types.includes(String((node['cast_type'] as Node)['id']));

const isParameter = (node: unknown): boolean => isPlainObject(node) && node['class'] === 'PARAMETER';

const constantValue = (node: unknown): unknown =>
  isPlainObject(node) && node['class'] === 'CONSTANT' ? (node['value'] as Node)['value'] : undefined;

/** An integer or a string, which no engine rounds. */
const isExactConstant = (node: unknown): boolean =>
  isPlainObject(node) &&
  node['class'] === 'CONSTANT' &&
  ['VARCHAR', ...integers].includes(String(((node['value'] as Node)['type'] as Node)['id']));

/** Decimals of a decimal constant. */
function decimalsOf(node: Node): number {
  if (node['class'] !== 'CONSTANT') return Infinity;
  const { id, type_info: info } = (node['value'] as Node)['type'] as Node;
  return id === 'DECIMAL' ? Number((info as Node | null)?.['scale'] ?? Infinity) : Infinity;
}

const argumentsOf = (node: Node): Node[] => (node['children'] as Node[] | undefined) ?? [];

/** Functions that differ between DuckDB and ClickHouse, or that only one of them has, with the portable form. */
const nonPortableFunctions: Record<string, string> = {
  median: 'quant(x, 0.5)',
  length: 'char_length(x)',
  len: 'char_length(x)',
  upper: 'ilike',
  lower: 'ilike',
  concat: '||',
  dayofweek: 'a prelude macro',
  isodow: 'a prelude macro',
  week: 'a prelude macro',
  weekofyear: 'a prelude macro',
  weekday: 'a prelude macro',
  yearweek: 'a prelude macro',
  quantile_cont: 'quant(x, q)',
  percentile_cont: 'quant(x, q)',
  epoch: 'epoch_s(ts)',
  to_timestamp: 'a prelude macro',
  strftime: 'a prelude macro',
  list: 'a prelude macro',
  approx_count_distinct: 'count(distinct x)',
  arg_max: 'max_by(x, y)',
  arg_min: 'min_by(x, y)',
  starts_with: 'like',
  contains: 'contains_text(hay, needle)',
  strpos: 'contains_text(hay, needle)',
  split_part: 'a prelude macro',
  ucase: 'ilike',
  lcase: 'ilike',
  argmax: 'max_by(x, y)',
  argmin: 'min_by(x, y)',
  array_agg: 'a prelude macro',
  '^@': 'like',
  instr: 'contains_text(hay, needle)',
  json_extract_string: 'a prelude macro',
  '//': 'idiv(a, b)',
  '->>': 'a prelude macro',
  timezone: 'a prelude macro',
};

const integers = [
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'HUGEINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'UHUGEINT',
];
const integerFunctions = [
  'round',
  'trunc',
  'floor',
  'ceil',
  'count',
  'count_star',
  'date_diff',
  'idiv',
  'epoch_s',
  'local_hour_of_epoch',
];
const weekPart = /^(iso)?dow$|week/i;

type Rule = (node: Node) => Omit<PortabilityIssue, 'node'> | undefined;

const rules: Rule[] = [
  (node) => {
    if (node['class'] !== 'FUNCTION' && node['class'] !== 'WINDOW') return undefined;
    const name = String(node['function_name']);
    return nonPortableFunctions[name]
      ? { problem: `${name}() differs between engines`, suggestion: nonPortableFunctions[name] }
      : undefined;
  },
  (node) => {
    if (!isFunction(node, '/')) return undefined;
    const [dividend, denominator] = argumentsOf(node);
    if (!isCast(dividend, 'DOUBLE') && !isCast(denominator, 'DOUBLE')) {
      return { problem: 'dividing decimals differs between engines', suggestion: 'x::double / y' };
    }
    const divisor = isCast(denominator, 'DOUBLE') ? (denominator['child'] as Node) : denominator;
    const isSafe = isFunction(divisor, 'nullif')
      ? constantValue(argumentsOf(divisor)[1]) === 0
      : constantValue(divisor) !== undefined && Number(constantValue(divisor)) !== 0;
    return isSafe ? undefined : { problem: 'a division by a value that may be zero', suggestion: 'x / nullif(y, 0)' };
  },
  (node) => {
    if (!isCast(node, ...integers)) return undefined;
    const child = node['child'] as Node;
    const isWholeNumber = isParameter(child) || isFunction(child, ...integerFunctions) || isExactConstant(child);
    return isWholeNumber
      ? undefined
      : { problem: 'a cast to an integer without rounding', suggestion: 'round(x)::bigint' };
  },
  (node) => {
    if (!isCast(node, 'DECIMAL')) return undefined;
    const child = node['child'] as Node;
    const scale = Number(((node['cast_type'] as Node)['type_info'] as Node | null)?.['scale'] ?? 0);
    const isRounded = isFunction(child, 'round') && Number(constantValue(argumentsOf(child)[1]) ?? 0) <= scale;
    const isExact = isParameter(child) || isRounded || isExactConstant(child) || decimalsOf(child) <= scale;
    return isExact
      ? undefined
      : { problem: 'a cast to a decimal without rounding', suggestion: 'round(x, s)::decimal(p, s)' };
  },
  (node) =>
    node['class'] === 'CAST' && node['try_cast'] === true
      ? { problem: 'try_cast exists in one engine only', suggestion: 'a typed column, cast at ingest' }
      : undefined,
  (node) =>
    String(constantValue(node) ?? '').includes('\\')
      ? { problem: 'a backslash in a literal is an escape in the other engine', suggestion: 'a prelude macro' }
      : undefined,
  (node) =>
    isFunction(node, 'date_part', 'datepart', 'date_trunc') &&
    weekPart.test(String(constantValue(argumentsOf(node)[0])))
      ? { problem: 'week and weekday numbers differ between engines', suggestion: 'a prelude macro' }
      : undefined,
  (node) =>
    node['class'] === 'WINDOW' && /LAG|LEAD/.test(String(node['type'])) && !node['default_expr']
      ? {
          problem: 'lag and lead without a default return 0, not null, in the other engine',
          suggestion: 'lag(x, 1, null)',
        }
      : undefined,
  (node) =>
    node['type'] === 'SET_OPERATION_NODE' && node['setop_type'] === 'UNION_BY_NAME'
      ? { problem: 'a union by name', suggestion: 'union all, with the columns in one order' }
      : undefined,
  (node) =>
    node['type'] === 'SET_OPERATION_NODE' && node['setop_type'] === 'UNION' && node['setop_all'] === false
      ? { problem: 'a bare union', suggestion: 'union all, or union distinct by a group by' }
      : undefined,
  (node) =>
    node['type'] === 'TABLE_FUNCTION'
      ? { problem: 'a function in from', suggestion: 'unnest(range(…)) in the select list' }
      : undefined,
  (node) =>
    node['class'] === 'STAR' && Object.values(node).some((value) => Array.isArray(value) && value.length > 0)
      ? { problem: '* with exclude or replace', suggestion: 'column names' }
      : undefined,
  (node) => {
    const order = ((node['order_bys'] as Node | undefined)?.['orders'] ?? node['arg_orders']) as unknown[] | undefined;
    return isFunction(node, 'string_agg', 'listagg', 'group_concat') && (order?.length ?? 0) > 0
      ? { problem: 'an ordered string_agg', suggestion: 'a subquery that orders the rows' }
      : undefined;
  },
  (node) =>
    isFunction(node, 'regexp_replace') && argumentsOf(node).length > 3
      ? { problem: 'regexp_replace with four arguments', suggestion: 'regexp_replace(x, pattern, by)' }
      : undefined,
  (node) => {
    if (node['type'] !== 'JOIN' || node['join_type'] !== 'LEFT' || !isPlainObject(node['condition'])) return undefined;
    return hasEquality(node['condition'])
      ? undefined
      : { problem: 'a left join without an equality', suggestion: 'a join on equal columns' };
  },
  (node) => {
    const [child] = argumentsOf(node);
    return node['type'] === 'OPERATOR_NOT' && child?.['subquery_type'] === 'ANY' && !excludesNull(child)
      ? {
          problem: 'not in with null is true in the other engine and null in DuckDB',
          suggestion: 'not in (select x … where x is not null)',
        }
      : undefined;
  },
  (node) => {
    if (node['type'] !== 'SELECT_NODE') return undefined;
    return (node['select_list'] as Node[]).flatMap(unnestCalls).length > 1
      ? {
          problem: 'two unnest() in one select give every pair in the other engine',
          suggestion: 'one unnest() per select, or a prelude macro',
        }
      : undefined;
  },
  (node) => {
    if (node['type'] !== 'SELECT_NODE') return undefined;
    const hasGroups = ((node['group_expressions'] as unknown[] | undefined) ?? []).length > 0;
    if (hasGroups) return undefined;
    return ((node['select_list'] as Node[]) ?? []).some(sumOutsideCoalesce)
      ? { problem: 'a sum over no rows is 0 in the other engine and null in DuckDB', suggestion: 'coalesce(sum(x), 0)' }
      : undefined;
  },
];

/** Whether a subselect leaves out null in the column it returns. */
function excludesNull(subquery: Node): boolean {
  const select = (subquery['subquery'] as Node)['node'] as Node;
  const name = (column: unknown): unknown =>
    isPlainObject(column) && column['class'] === 'COLUMN_REF' ? (column['column_names'] as string[]).at(-1) : undefined;
  const column = name((select['select_list'] as Node[] | undefined)?.[0]);
  const isCondition = (node: unknown): boolean =>
    isPlainObject(node) &&
    (node['type'] === 'CONJUNCTION_AND'
      ? childNodes(node).some(isCondition)
      : node['type'] === 'OPERATOR_IS_NOT_NULL' && name(argumentsOf(node)[0]) === column);
  return column !== undefined && isCondition(select['where_clause']);
}

function hasEquality(node: Node): boolean {
  if (/COMPARE_(EQUAL|NOT_DISTINCT_FROM)/.test(String(node['type'])))
    return [node['left'], node['right']].every(namesColumn);
  return node['type'] === 'CONJUNCTION_AND' && childNodes(node).some(hasEquality);
}

const unnestCalls = (node: Node): Node[] => {
  if (isFunction(node, 'unnest')) return [node];
  return node['class'] === 'SUBQUERY' ? [] : childNodes(node).flatMap(unnestCalls);
};

const namesColumn = (node: unknown): boolean =>
  isPlainObject(node) && (node['class'] === 'COLUMN_REF' || childNodes(node).some(namesColumn));

function sumOutsideCoalesce(node: Node): boolean {
  if (node['type'] === 'OPERATOR_COALESCE' || node['class'] === 'SUBQUERY' || node['class'] === 'WINDOW') return false;
  return isFunction(node, 'sum') || childNodes(node).some(sumOutsideCoalesce);
}

/**
 * Checks that a statement returns the same numbers in the other engine, ClickHouse.
 * @returns its parse tree
 * @throws WattduckError with file, line and the portable form
 */
export async function checkPortability(file: SqlFile, database: CatalogDatabase): Promise<Node> {
  const tree = (await database.parseTree(file.sql)) as {
    error?: boolean;
    error_message?: string;
    position?: string;
    statements?: Node[];
  };
  if (tree.error) {
    const line = file.sqlLine + lineIndexAt(file.sql, Number(tree.position ?? 0));
    throw sqlFileError(file.path, line, 'sql_file_not_a_select', {
      reason: clipMessage(tree.error_message ?? 'not a select'),
    });
  }
  const statements = tree.statements ?? [];
  if (statements.length !== 1) {
    throw sqlFileError(file.path, file.sqlLine, 'sql_file_multiple_statements', { count: statements.length });
  }
  const uncastName = findUncastParameter(statements[0]!, undefined);
  if (uncastName) {
    const line = file.sqlLine + lineIndexAt(file.sql, file.sql.search(new RegExp(`\\$${uncastName}\\b(?!\\s*::)`)));
    throw sqlFileError(file.path, line, 'sql_file_untyped_parameter', { parameter: `$${uncastName}` });
  }
  const nodes = nodesOf(statements[0]!);
  const found =
    findIssue(nodes) ??
    (await findTextCasts(nodes, database))[0] ??
    (await findShadowedAliases(statements[0]!, database))[0];
  if (found) {
    const line = file.sqlLine + lineIndexAt(file.sql, byteOffset(found.node));
    const { problem, suggestion } = found;
    throw sqlFileError(file.path, line, 'sql_file_not_portable', { problem, suggestion });
  }
  return statements[0]!;
}

/** Casts of text columns to numbers: text that is not a number is an error in DuckDB and null in the other engine. */
async function findTextCasts(nodes: readonly Node[], database: CatalogDatabase): Promise<PortabilityIssue[]> {
  const casts = nodes.filter(
    (node) =>
      isCast(node, ...integers, 'FLOAT', 'DOUBLE', 'DECIMAL') && (node['child'] as Node)['class'] === 'COLUMN_REF',
  );
  if (casts.length === 0) return [];
  const tables = nodes.flatMap((node) => (node['type'] === 'BASE_TABLE' ? String(node['table_name']) : []));
  const columns = (await Promise.all([...new Set(tables)].map((table) => database.tableColumns(table)))).flat();
  return casts
    .filter((node) => {
      const name = ((node['child'] as Node)['column_names'] as string[]).at(-1);
      const types = columns.filter((column) => column.name === name).map(({ type }) => type);
      return types.length > 0 && types.every((type) => type === 'VARCHAR');
    })
    .map((node) => ({
      node,
      problem: 'a cast of text to a number is null in the other engine if the text is not a number',
      suggestion: 'a typed column, cast at ingest',
    }));
}

/** A node and all below it. */
function nodesOf(node: Node, nodes: Node[] = []): Node[] {
  nodes.push(node);
  for (const child of childNodes(node)) nodesOf(child, nodes);
  return nodes;
}

/** The first issue in the order of {@link nodesOf}. */
function findIssue(nodes: readonly Node[]): PortabilityIssue | undefined {
  for (const node of nodes)
    for (const rule of rules) {
      const found = rule(node);
      if (found) return { ...found, node };
    }
  return undefined;
}

function findUncastParameter(node: Node, parent: Node | undefined): string | undefined {
  if (isParameter(node) && parent?.['class'] !== 'CAST') return String(node['identifier']);
  for (const child of childNodes(node)) {
    const found = findUncastParameter(child, node);
    if (found) return found;
  }
  return undefined;
}

/** Byte offset of a node, or of its first descendant that has one; 0 otherwise. */
function byteOffset(node: Node): number {
  const offset = Number(node['query_location']);
  if (Number.isSafeInteger(offset) && offset >= 0) return offset;
  for (const child of childNodes(node)) {
    const childOffset = byteOffset(child);
    if (childOffset > 0) return childOffset;
  }
  return 0;
}

const lineIndexAt = (sql: string, offset: number): number =>
  Buffer.from(sql).subarray(0, Math.max(0, offset)).toString().split('\n').length - 1;
