import type { EngineView } from './engine-view.ts';
import { catalogFault, isMap, type SqlFile } from './frontmatter.ts';
import { children, type Finding, type Node } from './parse-tree.ts';
import { aliasFaults } from './subset-aliases.ts';

const isFunction = (node: unknown, ...names: string[]): node is Node =>
  isMap(node) &&
  (node['class'] === 'FUNCTION' || node['class'] === 'WINDOW') &&
  names.includes(String(node['function_name']));

const isCast = (node: unknown, ...types: string[]): node is Node =>
  isMap(node) && node['class'] === 'CAST' && types.includes(String((node['cast_type'] as Node)['id']));

const isParameter = (node: unknown): boolean => isMap(node) && node['class'] === 'PARAMETER';

const constant = (node: unknown): unknown =>
  isMap(node) && node['class'] === 'CONSTANT' ? (node['value'] as Node)['value'] : undefined;

/** A whole number or a text, which no engine rounds. */
const isExactConstant = (node: unknown): boolean =>
  isMap(node) &&
  node['class'] === 'CONSTANT' &&
  ['VARCHAR', ...integers].includes(String(((node['value'] as Node)['type'] as Node)['id']));

/** Decimals of a decimal constant. */
function decimalsOf(node: Node): number {
  if (node['class'] !== 'CONSTANT') return Infinity;
  const { id, type_info: info } = (node['value'] as Node)['type'] as Node;
  return id === 'DECIMAL' ? Number((info as Node | null)?.['scale'] ?? Infinity) : Infinity;
}

const argumentsOf = (node: Node): Node[] => (node['children'] as Node[] | undefined) ?? [];

/** Functions the two engines compute differently, or only one knows; with the way both understand. */
const refused: Record<string, string> = {
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
const wholeNumbers = [
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

type Rule = (node: Node) => Omit<Finding, 'node'> | undefined;

const rules: Rule[] = [
  (node) => {
    if (node['class'] !== 'FUNCTION' && node['class'] !== 'WINDOW') return undefined;
    const name = String(node['function_name']);
    return refused[name] ? { what: `${name}() differs between engines`, instead: refused[name] } : undefined;
  },
  (node) => {
    if (!isFunction(node, '/')) return undefined;
    const [above, below] = argumentsOf(node);
    if (!isCast(above, 'DOUBLE') && !isCast(below, 'DOUBLE')) {
      return { what: 'a division that may be of decimals', instead: 'x::double / y' };
    }
    const divisor = isCast(below, 'DOUBLE') ? (below['child'] as Node) : below;
    const safe = isFunction(divisor, 'nullif')
      ? constant(argumentsOf(divisor)[1]) === 0
      : constant(divisor) !== undefined && Number(constant(divisor)) !== 0;
    return safe ? undefined : { what: 'a division by what may be zero', instead: 'x / nullif(y, 0)' };
  },
  (node) => {
    if (!isCast(node, ...integers)) return undefined;
    const child = node['child'] as Node;
    const whole = isParameter(child) || isFunction(child, ...wholeNumbers) || isExactConstant(child);
    return whole ? undefined : { what: 'a cast to a whole number', instead: 'round(x)::bigint' };
  },
  (node) => {
    if (!isCast(node, 'DECIMAL')) return undefined;
    const child = node['child'] as Node;
    const scale = Number(((node['cast_type'] as Node)['type_info'] as Node | null)?.['scale'] ?? 0);
    const rounded = isFunction(child, 'round') && Number(constant(argumentsOf(child)[1]) ?? 0) <= scale;
    const exact = isParameter(child) || rounded || isExactConstant(child) || decimalsOf(child) <= scale;
    return exact ? undefined : { what: 'a cast to a decimal', instead: 'round(x, s)::decimal(p, s)' };
  },
  (node) =>
    node['class'] === 'CAST' && node['try_cast'] === true
      ? { what: 'try_cast is known to one engine only', instead: 'a typed column, cast at ingest' }
      : undefined,
  (node) =>
    String(constant(node) ?? '').includes('\\')
      ? { what: 'a backslash in a literal is an escape in the other engine', instead: 'a prelude macro' }
      : undefined,
  (node) =>
    isFunction(node, 'date_part', 'datepart', 'date_trunc') && weekPart.test(String(constant(argumentsOf(node)[0])))
      ? { what: 'week and weekday numbers differ between engines', instead: 'a prelude macro' }
      : undefined,
  (node) =>
    node['class'] === 'WINDOW' && /LAG|LEAD/.test(String(node['type'])) && !node['default_expr']
      ? { what: 'lag and lead without a default give 0, not null, in the other engine', instead: 'lag(x, 1, null)' }
      : undefined,
  (node) =>
    node['type'] === 'SET_OPERATION_NODE' && node['setop_type'] === 'UNION_BY_NAME'
      ? { what: 'a union by name', instead: 'union all, with the columns in one order' }
      : undefined,
  (node) =>
    node['type'] === 'SET_OPERATION_NODE' && node['setop_type'] === 'UNION' && node['setop_all'] === false
      ? { what: 'a bare union', instead: 'union all, or union distinct by a group by' }
      : undefined,
  (node) =>
    node['type'] === 'TABLE_FUNCTION'
      ? { what: 'a function in from', instead: 'unnest(range(…)) in the select list' }
      : undefined,
  (node) =>
    node['class'] === 'STAR' && Object.values(node).some((value) => Array.isArray(value) && value.length > 0)
      ? { what: '* with exclude or replace', instead: 'the columns by name' }
      : undefined,
  (node) => {
    const order = ((node['order_bys'] as Node | undefined)?.['orders'] ?? node['arg_orders']) as unknown[] | undefined;
    return isFunction(node, 'string_agg', 'listagg', 'group_concat') && (order?.length ?? 0) > 0
      ? { what: 'an ordered string_agg', instead: 'order the rows before' }
      : undefined;
  },
  (node) =>
    isFunction(node, 'regexp_replace') && argumentsOf(node).length > 3
      ? { what: 'regexp_replace with four arguments', instead: 'regexp_replace(x, pattern, by)' }
      : undefined,
  (node) => {
    if (node['type'] !== 'JOIN' || node['join_type'] !== 'LEFT' || !isMap(node['condition'])) return undefined;
    return hasEquality(node['condition'])
      ? undefined
      : { what: 'a left join without an equality', instead: 'a join on equal columns' };
  },
  (node) => {
    if (node['type'] !== 'SELECT_NODE') return undefined;
    const grouped = ((node['group_expressions'] as unknown[] | undefined) ?? []).length > 0;
    if (grouped) return undefined;
    return ((node['select_list'] as Node[]) ?? []).some(sumOutsideCoalesce)
      ? { what: 'a sum over no rows is 0 in the other engine, null here', instead: 'coalesce(sum(x), 0)' }
      : undefined;
  },
];

function hasEquality(node: Node): boolean {
  if (/COMPARE_(EQUAL|NOT_DISTINCT_FROM)/.test(String(node['type'])))
    return [node['left'], node['right']].every(namesColumn);
  return node['type'] === 'CONJUNCTION_AND' && children(node).some(hasEquality);
}

const namesColumn = (node: unknown): boolean =>
  isMap(node) && (node['class'] === 'COLUMN_REF' || children(node).some(namesColumn));

function sumOutsideCoalesce(node: Node): boolean {
  if (node['type'] === 'OPERATOR_COALESCE' || node['class'] === 'SUBQUERY' || node['class'] === 'WINDOW') return false;
  return isFunction(node, 'sum') || children(node).some(sumOutsideCoalesce);
}

/**
 * Refuses SQL that would give other numbers, or none, on the second engine; names file, line and what to write.
 * @returns the statement's parse tree
 */
export async function checkSubset(file: SqlFile, engine: EngineView): Promise<Node> {
  const tree = (await engine.parseTree(file.sql)) as {
    error?: boolean;
    error_message?: string;
    position?: string;
    statements?: Node[];
  };
  if (tree.error) {
    const line = file.sqlLine + lineAt(file.sql, Number(tree.position ?? 0));
    throw catalogFault(file.path, line, tree.error_message ?? 'not one select', 'A report is one select.');
  }
  const statements = tree.statements ?? [];
  if (statements.length !== 1) {
    throw catalogFault(file.path, file.sqlLine, `${statements.length} statements`, 'A report is one select.');
  }
  const uncast = uncastParameter(statements[0]!, undefined);
  if (uncast) {
    const line = file.sqlLine + lineAt(file.sql, file.sql.search(new RegExp(`\\$${uncast}\\b(?!\\s*::)`)));
    throw catalogFault(
      file.path,
      line,
      `parameter $${uncast} has no type`,
      `Write $${uncast}::varchar, or another type.`,
    );
  }
  const found = findings(statements[0]!)[0] ?? (await aliasFaults(statements[0]!, engine))[0];
  if (found) {
    throw catalogFault(
      file.path,
      file.sqlLine + lineAt(file.sql, location(found.node)),
      found.what,
      `Write ${found.instead}.`,
    );
  }
  return statements[0]!;
}

function findings(node: Node): Finding[] {
  const here = rules.flatMap((rule) => {
    const found = rule(node);
    return found ? [{ ...found, node }] : [];
  });
  return [...here, ...children(node).flatMap(findings)];
}

function uncastParameter(node: Node, parent: Node | undefined): string | undefined {
  if (isParameter(node) && parent?.['class'] !== 'CAST') return String(node['identifier']);
  for (const child of children(node)) {
    const found = uncastParameter(child, node);
    if (found) return found;
  }
  return undefined;
}

/** Byte offset of the first node at or below that knows where it stands. */
function location(node: Node): number {
  const at = Number(node['query_location']);
  if (Number.isSafeInteger(at) && at >= 0) return at;
  for (const child of children(node)) {
    const below = location(child);
    if (below > 0) return below;
  }
  return 0;
}

const lineAt = (sql: string, offset: number): number =>
  Buffer.from(sql).subarray(0, Math.max(0, offset)).toString().split('\n').length - 1;
