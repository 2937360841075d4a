import { isPlainObject } from '../../catalog/front-matter.ts';
import { nestedNodes, type Node } from '../../catalog/parse-tree.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { suggest } from '../../text/names.ts';
import { clipped } from '../../text/plain-text.ts';
import { castTypes, functionKinds, growingAggregates, movingAggregates, tableFunctions } from './functions.ts';
import { foldName, limits, notAccepted, tooComplex } from './limits.ts';

/** What surrounds a node. */
interface Depth {
  /** CTEs in scope: their folded names, and how many tables each is made of. */
  ctes: ReadonlyMap<string, number>;
  selects: number;
  subqueries: number;
  lambdas: number;
  expressions: number;
}

const queryNodes = ['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE'];

/** Every other node a select may have beside expressions: a node that is not here is rejected. */
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

/** Walks a parsed select and rejects every table, function, type and construct that is not accepted. */
export class SelectValidator {
  readonly #tables: readonly string[];
  readonly #knownTables: ReadonlySet<string>;
  /** Tables the select names, in lower case. */
  readonly tableNames = new Set<string>();
  #relations = 0;
  #expandedTables = 0;
  #setOperations = 0;

  /** @param tables names a select may use */
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
      throw notAccepted(type.toLowerCase().replaceAll('_', ' '), 'Give a plain select.');
    this.#visitChildren(node, depth);
  }

  #visitChildren(node: Node, depth: Depth, except: readonly string[] = []): void {
    for (const part of nestedNodes(node, except)) this.#visit(part, depth);
  }

  /** A CTE sees those before it; a recursive one sees itself in its second half. */
  #query(node: Node, outerDepth: Depth): void {
    const depth = { ...outerDepth, selects: outerDepth.selects + (node['type'] === 'SELECT_NODE' ? 1 : 0) };
    if (depth.selects > limits.selectDepth)
      throw tooComplex(`selects more than ${limits.selectDepth} deep`, `${limits.selectDepth}`);
    if (node['type'] === 'SET_OPERATION_NODE') this.#setOperations += 1;
    if (this.#setOperations > limits.setOperations)
      throw tooComplex(
        `more than ${limits.setOperations} unions, intersections or differences`,
        `${limits.setOperations}`,
      );
    const groupingSets = (node['group_sets'] as unknown[] | undefined)?.length ?? 0;
    if (groupingSets > limits.groupingSets) throw tooComplex(`${groupingSets} grouping sets`, `${limits.groupingSets}`);
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
      throw new WattduckError(
        'usage',
        clipped`${[catalog, schema, name].filter(Boolean).join('.')} is named with its database or schema`,
        'Name tables by their names alone.',
      );
    if (node['at_clause'])
      throw new WattduckError('usage', clipped`${name} is asked for as it was at another time`, 'Leave out "at".');
    const folded = foldName(name);
    const tablesOfCte = depth.ctes.get(folded);
    if (tablesOfCte !== undefined) return this.#countExpanded(tablesOfCte);
    if (!this.#knownTables.has(folded))
      throw new WattduckError(
        'usage',
        clipped`there is no table ${name} here`,
        suggest(name, this.#tables, 'There are'),
      );
    this.tableNames.add(folded);
    this.#visitChildren(node, depth);
  }

  #tableFunction(node: Node, depth: Depth): void {
    this.#countRelation();
    const call = node['function'];
    const name = isPlainObject(call) && call['class'] === 'FUNCTION' ? String(call['function_name']) : 'this';
    if (!tableFunctions.has(foldName(name)))
      throw new WattduckError(
        'usage',
        clipped`the function ${name}() is not accepted in from`,
        `Accepted: ${[...tableFunctions].join(', ')}.`,
      );
    this.#visitChildren(call as Node, depth);
    this.#visitChildren(node, depth, ['function']);
  }

  #countRelation(): void {
    this.#relations += 1;
    this.#countExpanded(1);
    if (this.#relations > limits.tables)
      throw tooComplex(`more than ${limits.tables} tables in from`, `${limits.tables}`);
  }

  #countExpanded(tables: number): void {
    this.#expandedTables += tables;
    if (this.#expandedTables > limits.expandedTables)
      throw tooComplex(
        `more than ${limits.expandedTables} tables, counting those of each "with" wherever it is named`,
        `${limits.expandedTables}`,
      );
  }

  #expression(node: Node, outerDepth: Depth): void {
    const kind = String(node['class']);
    if (kind === 'PARAMETER')
      throw new WattduckError(
        'usage',
        clipped`the statement has a parameter, ${String(node['identifier'])}`,
        'Write the value itself.',
      );
    if (!allowedExpressions.includes(kind)) throw notAccepted(kind.toLowerCase(), 'Give a plain select.');
    const depth = {
      ...outerDepth,
      expressions: outerDepth.expressions + 1,
      lambdas: outerDepth.lambdas + (kind === 'LAMBDA' ? 1 : 0),
      subqueries: outerDepth.subqueries + (kind === 'SUBQUERY' ? 1 : 0),
    };
    if (depth.expressions > limits.expressionDepth)
      throw tooComplex(`expressions more than ${limits.expressionDepth} deep`, `${limits.expressionDepth}`);
    if (depth.lambdas > limits.lambdaDepth)
      throw tooComplex(`lambdas more than ${limits.lambdaDepth} deep`, `${limits.lambdaDepth}`);
    if (depth.subqueries > limits.subqueryDepth)
      throw tooComplex(`selects in expressions more than ${limits.subqueryDepth} deep`, `${limits.subqueryDepth}`);
    if (kind === 'FUNCTION' || kind === 'WINDOW') checkCall(node);
    if (kind === 'WINDOW') checkWindow(node);
    if (kind === 'CAST') checkType(node['cast_type'], 0);
    this.#visitChildren(node, depth, kind === 'CONSTANT' ? ['value'] : kind === 'CAST' ? ['cast_type'] : []);
  }
}

/** CTEs of a query node, in order. */
export const cteEntries = (node: Node): { key: string; value: Node }[] =>
  ((node['cte_map'] as Node | undefined)?.['map'] ?? []) as { key: string; value: Node }[];

/** A function is known by its name, whatever schema it is named with. */
function checkCall(node: Node): void {
  const name = String(node['function_name']);
  if (!functionKinds.has(foldName(name)))
    throw notAccepted(
      clipped`the function ${name}()`,
      'Accepted are functions of numbers, texts, dates, lists and JSON that read nothing but their arguments.',
    );
}

/** In a window that moves, other aggregates keep a copy of it for every row, or compute it anew. */
function checkWindow(node: Node): void {
  const name = foldName(String(node['function_name']));
  if (growingAggregates.has(name)) throw notAccepted(clipped`${name}() over a window`, 'Group the rows instead.');
  const isWholePartition =
    toArray(node['orders']).length === 0 &&
    node['start'] === 'UNBOUNDED_PRECEDING' &&
    ['CURRENT_ROW_RANGE', 'UNBOUNDED_FOLLOWING'].includes(String(node['end'])) &&
    node['exclude_clause'] === 'NO_OTHER';
  if (isWholePartition) return;
  if (!movingAggregates.has(name))
    throw notAccepted(
      clipped`${name}() over a window with an order or a frame`,
      'Use over (partition by …), or group the rows.',
    );
  if (node['distinct'] === true)
    throw notAccepted(
      'distinct over a window with an order or a frame',
      'Use over (partition by …), or group the rows.',
    );
}

const toArray = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** @throws WattduckError (usage) for a type whose values can be large by themselves, such as an array of fixed length */
function checkType(type: unknown, depth: number): void {
  if (depth > limits.typeDepth) throw tooComplex(`a type more than ${limits.typeDepth} deep`, `${limits.typeDepth}`);
  if (!isPlainObject(type)) return;
  const id = String(type['id']);
  const info = isPlainObject(type['type_info']) ? type['type_info'] : {};
  const name = info['alias'] || (id === 'UNBOUND' ? info['name'] : undefined);
  const isJson = name !== undefined && foldName(String(name)) === 'json' && !info['schema'];
  if (!isJson && (name !== undefined || !castTypes.has(id)))
    throw notAccepted(
      clipped`the type ${String(name ?? id.toLowerCase())}`,
      'Cast to a number, a text, a date, a list or a struct.',
    );
  checkType(info['child_type'], depth + 1);
  for (const child of toArray(info['child_types'])) checkType((child as Node)['second'], depth + 1);
}
