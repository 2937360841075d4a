import { isPlainObject } from '../../catalog/plain-object.ts';
import { nestedNodes, type Node } from '../../catalog/parse-tree.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { suggest } from '../../text/names.ts';
import { clipValue } from '../../text/plain-text.ts';
import { castTypes, functionKinds, growingAggregates, movingAggregates, tableFunctions } from './functions.ts';
import { foldName, limits, tooComplex } from './limits.ts';

/** CTEs in scope and nesting levels of a node. */
interface Depth {
  /** Names of the CTEs in scope, in lower case, with the number of tables in each. */
  ctes: ReadonlyMap<string, number>;
  selects: number;
  subqueries: number;
  lambdas: number;
  expressions: number;
}

const queryNodes = ['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE'];

/** Other nodes allowed in a select, besides expressions; any node not listed is rejected. */
const allowedNodes = [
  'JOIN',
  'SUBQUERY',
  'EXPRESSION_LIST',
  'EMPTY',
  'PIVOT',
  'ORDER_MODIFIER',
  'LIMIT_MODIFIER',
  'LIMIT_PERCENT_MODIFIER',
  'DISTINCT_MODIFIER',
  'ORDER_DEFAULT',
  'ASCENDING',
  'DESCENDING',
];
const allowedExpressions = [
  'FUNCTION',
  'WINDOW',
  'COLUMN_REF',
  'CONSTANT',
  'CAST',
  'CASE',
  'COMPARISON',
  'CONJUNCTION',
  'OPERATOR',
  'SUBQUERY',
  'STAR',
  'LAMBDA',
  'LAMBDA_REF',
  'COLLATE',
  'BETWEEN',
  'POSITIONAL_REFERENCE',
  'TYPE',
];

/** Walks a parsed select and rejects every table, function, type and syntax that is not allowed. */
export class SelectValidator {
  readonly #tables: readonly string[];
  readonly #knownTables: ReadonlySet<string>;
  /** Tables in the select, in lower case. */
  readonly tableNames = new Set<string>();
  #relations = 0;
  #expandedTables = 0;
  #setOperations = 0;

  /** @param tables names of the tables that a select may read */
  constructor(tables: readonly string[]) {
    this.#tables = tables;
    this.#knownTables = new Set(tables.map(foldName));
  }

  validate(node: unknown): void {
    this.#visit(node, { ctes: new Map(), selects: 0, subqueries: 0, lambdas: 0, expressions: 0 });
  }

  #visit(node: unknown, depth: Depth): void {
    if (!isPlainObject(node)) return;
    if (typeof node['class'] === 'string') return this.#expression(node, depth);
    const { type } = node;
    if (typeof type !== 'string') return this.#visitChildren(node, depth);
    if (queryNodes.includes(type)) return this.#query(node, depth);
    if (type === 'BASE_TABLE') return this.#table(node, depth);
    if (type === 'TABLE_FUNCTION') return this.#tableFunction(node, depth);
    if (!allowedNodes.includes(type))
      throw new WattduckError('syntax_not_allowed', { syntax: type.toLowerCase().replaceAll('_', ' ') });
    this.#visitChildren(node, depth);
  }

  #visitChildren(node: Node, depth: Depth, except: readonly string[] = []): void {
    for (const part of nestedNodes(node, except)) this.#visit(part, depth);
  }

  /** A CTE can use earlier ones; a recursive one can use itself in its second half. */
  #query(node: Node, outerDepth: Depth): void {
    const depth = { ...outerDepth, selects: outerDepth.selects + (node['type'] === 'SELECT_NODE' ? 1 : 0) };
    if (depth.selects > limits.selectDepth)
      throw tooComplex(`selects nested more than ${limits.selectDepth} levels deep`, limits.selectDepth);
    if (node['type'] === 'SET_OPERATION_NODE') this.#setOperations += 1;
    if (this.#setOperations > limits.setOperations)
      throw tooComplex(`more than ${limits.setOperations} unions, intersections or differences`, limits.setOperations);
    const groupingSets = (node['group_sets'] as unknown[] | undefined)?.length ?? 0;
    if (groupingSets > limits.groupingSets) throw tooComplex(`${groupingSets} grouping sets`, limits.groupingSets);
    let { ctes } = depth;
    for (const { key, value } of cteEntries(node)) {
      const before = this.#expandedTables;
      this.#visitChildren(value, { ...depth, ctes });
      ctes = new Map([...ctes, [foldName(key), this.#expandedTables - before]]);
    }
    if (node['type'] !== 'RECURSIVE_CTE_NODE') return this.#visitChildren(node, { ...depth, ctes }, ['cte_map']);
    this.#visitChildren(node, { ...depth, ctes }, ['cte_map', 'right']);
    this.#visit(node['right'], { ...depth, ctes: new Map([...ctes, [foldName(String(node['cte_name'])), 1]]) });
  }

  #table(node: Node, depth: Depth): void {
    this.#countRelation();
    const [catalog, schema, name = ''] = [node['catalog_name'], node['schema_name'], node['table_name']].map(String);
    if (catalog || schema)
      throw new WattduckError('qualified_table', { table: [catalog, schema, name].filter(Boolean).join('.') });
    if (node['at_clause']) throw new WattduckError('table_version', { table: name });
    const folded = foldName(name);
    const tablesOfCte = depth.ctes.get(folded);
    if (tablesOfCte !== undefined) return this.#countExpanded(tablesOfCte);
    if (!this.#knownTables.has(folded))
      throw new WattduckError('unknown_table', { table: name, suggestion: suggest(name, this.#tables, 'Tables') });
    this.tableNames.add(folded);
    this.#visitChildren(node, depth);
  }

  #tableFunction(node: Node, depth: Depth): void {
    this.#countRelation();
    const call = node['function'];
    const name = isPlainObject(call) && call['class'] === 'FUNCTION' ? String(call['function_name']) : 'this';
    if (!tableFunctions.has(foldName(name)))
      throw new WattduckError('table_function_not_allowed', {
        function: name,
        allowed: [...tableFunctions].join(', '),
      });
    this.#visitChildren(call as Node, depth);
    this.#visitChildren(node, depth, ['function']);
  }

  #countRelation(): void {
    this.#relations += 1;
    this.#countExpanded(1);
    if (this.#relations > limits.tables) throw tooComplex(`more than ${limits.tables} tables in from`, limits.tables);
  }

  #countExpanded(tables: number): void {
    this.#expandedTables += tables;
    if (this.#expandedTables > limits.expandedTables)
      throw tooComplex(
        `more than ${limits.expandedTables} tables, with those of each CTE counted at every use`,
        limits.expandedTables,
      );
  }

  #expression(node: Node, outerDepth: Depth): void {
    const kind = String(node['class']);
    if (kind === 'PARAMETER') throw new WattduckError('parameter_in_statement', { parameter: node['identifier'] });
    if (!allowedExpressions.includes(kind))
      throw new WattduckError('syntax_not_allowed', { syntax: kind.toLowerCase() });
    const depth = {
      ...outerDepth,
      expressions: outerDepth.expressions + 1,
      lambdas: outerDepth.lambdas + (kind === 'LAMBDA' ? 1 : 0),
      subqueries: outerDepth.subqueries + (kind === 'SUBQUERY' ? 1 : 0),
    };
    if (depth.expressions > limits.expressionDepth)
      throw tooComplex(`expressions nested more than ${limits.expressionDepth} levels deep`, limits.expressionDepth);
    if (depth.lambdas > limits.lambdaDepth)
      throw tooComplex(`lambdas nested more than ${limits.lambdaDepth} levels deep`, limits.lambdaDepth);
    if (depth.subqueries > limits.subqueryDepth)
      throw tooComplex(
        `selects in expressions nested more than ${limits.subqueryDepth} levels deep`,
        limits.subqueryDepth,
      );
    if (kind === 'FUNCTION' || kind === 'WINDOW') checkCall(node);
    if (kind === 'WINDOW') checkWindow(node);
    if (kind === 'CAST') checkType(node['cast_type'], 0);
    this.#visitChildren(node, depth, kind === 'CONSTANT' ? ['value'] : kind === 'CAST' ? ['cast_type'] : []);
  }
}

/** CTEs of a query node, in order. */
export const cteEntries = (node: Node): { key: string; value: Node }[] =>
  ((node['cte_map'] as Node | undefined)?.['map'] ?? []) as { key: string; value: Node }[];

/** Checks the name of a function; a schema before it is ignored. */
function checkCall(node: Node): void {
  const name = String(node['function_name']);
  if (!functionKinds.has(foldName(name))) throw new WattduckError('function_not_allowed', { function: name });
}

/** In a moving window, most aggregates copy or recompute the window for every row. */
function checkWindow(node: Node): void {
  const name = foldName(String(node['function_name']));
  if (growingAggregates.has(name)) throw new WattduckError('window_not_allowed', { function: name });
  const isWholePartition =
    toArray(node['orders']).length === 0 &&
    node['start'] === 'UNBOUNDED_PRECEDING' &&
    ['CURRENT_ROW_RANGE', 'UNBOUNDED_FOLLOWING'].includes(String(node['end'])) &&
    node['exclude_clause'] === 'NO_OTHER';
  if (isWholePartition) return;
  if (!movingAggregates.has(name))
    throw new WattduckError('moving_window_not_allowed', { call: `${clipValue(name)}()` });
  if (node['distinct'] === true) throw new WattduckError('moving_window_not_allowed', { call: 'distinct' });
}

const toArray = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** @throws WattduckError (type_not_allowed) for a type that can be large by itself, such as an array of fixed length */
function checkType(type: unknown, depth: number): void {
  if (depth > limits.typeDepth)
    throw tooComplex(`a type nested more than ${limits.typeDepth} levels deep`, limits.typeDepth);
  if (!isPlainObject(type)) return;
  const id = String(type['id']);
  const info = isPlainObject(type['type_info']) ? type['type_info'] : {};
  const name = info['alias'] || (id === 'UNBOUND' ? info['name'] : undefined);
  const isJson = name !== undefined && foldName(String(name)) === 'json' && !info['schema'];
  if (!isJson && (name !== undefined || !castTypes.has(id)))
    throw new WattduckError('type_not_allowed', { type: name ?? id.toLowerCase() });
  checkType(info['child_type'], depth + 1);
  for (const child of toArray(info['child_types'])) checkType((child as Node)['second'], depth + 1);
}
