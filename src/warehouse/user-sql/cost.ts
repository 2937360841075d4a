import { isPlainObject } from '../../catalog/plain-object.ts';
import { nestedNodes, type Node } from '../../catalog/parse-tree.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { ColumnSizes } from './column-sizes.ts';
import { functionCost } from './function-cost.ts';
import { functionKinds, lambdaFunctions, macroUses } from './functions.ts';
import { foldName, limits, tooComplex } from './limits.ts';
import {
  allColumns,
  applyAliases,
  asColumn,
  lookUpSize,
  maxSize,
  toList,
  totalExpressions,
  unionColumns,
  type NamedSize,
  type Relation,
  type Scope,
} from './scope.ts';
import { makeSize, maxElements, smallValueBytes, unboundedError, type Size } from './size.ts';
import { cteEntries } from './validator.ts';

/**
 * Bounds the memory and time of each function call, which DuckDB can neither interrupt nor limit. Sizes of values come
 * from the statistics of the tables and are followed through every expression, subquery and CTE.
 * @throws WattduckError (usage) if a bound exceeds the limits
 */
export class CostCheck {
  readonly #tables: ReadonlyMap<string, ColumnSizes>;
  readonly #maxBytes: number;
  #bytes = 0;
  #expressions = 0;
  #columns = 0;

  constructor(tables: ReadonlyMap<string, ColumnSizes>) {
    this.#tables = tables;
    const maxValueBytes = Math.max(smallValueBytes, ...[...tables.values()].flat().map(([, bytes]) => bytes));
    this.#maxBytes = limits.bytesPerRow + limits.bytesPerColumnByte * maxValueBytes;
  }

  check(node: Node): void {
    this.#query(node, { relations: [], aliases: new Map(), ctes: new Map(), repeats: 1 });
  }

  #query(node: Node, outerScope: Scope): readonly NamedSize[] {
    const ctes = new Map(outerScope.ctes);
    for (const { key, value } of cteEntries(node)) {
      const columns = this.#query((value['query'] as Node)['node'] as Node, { ...outerScope, ctes });
      ctes.set(foldName(key), applyAliases(columns, value['aliases']));
    }
    const scope = { ...outerScope, ctes };
    if (node['type'] === 'SELECT_NODE') return this.#select(node, scope);
    if (node['type'] === 'RECURSIVE_CTE_NODE') return this.#recursive(node, scope);
    const [left, right] = [this.#query(node['left'] as Node, scope), this.#query(node['right'] as Node, scope)];
    const columns = unionColumns(left, right, node['setop_type'] === 'UNION_BY_NAME');
    this.#checkRest(node, { ...scope, relations: [{ name: '', columns }] }, ['left', 'right', 'cte_map']);
    return columns;
  }

  /** Each round of a recursion uses the result of the last one, so no round may create a longer value. */
  #recursive(node: Node, scope: Scope): readonly NamedSize[] {
    const first = this.#query(node['left'] as Node, scope);
    const name = foldName(String(node['cte_name']));
    const columns = applyAliases(first, node['aliases']).map((column) => ({
      ...column,
      size: { ...column.size, bytes: Math.max(column.size.bytes, smallValueBytes) },
    }));
    const next = this.#query(node['right'] as Node, { ...scope, ctes: new Map([...scope.ctes, [name, columns]]) });
    if (next.some(({ size }, place) => size.bytes > (columns[place]?.size.bytes ?? smallValueBytes))) {
      throw new WattduckError('growing_recursion', { cte: name });
    }
    return columns;
  }

  #select(node: Node, outerScope: Scope): readonly NamedSize[] {
    const relations = this.#relations(node['from_table'], outerScope);
    const scope: Scope = { ...outerScope, relations, aliases: new Map(), outer: outerScope };
    const columns: NamedSize[] = [];
    for (const item of toNodes(node['select_list'])) {
      const itemColumns = isStar(item) ? this.#star(item, scope) : [this.#selectItem(item, scope)];
      columns.push(...itemColumns);
      for (const { name, size } of itemColumns)
        if (typeof item['alias'] === 'string' && item['alias'] !== '')
          scope.aliases.set(name, maxSize([size, ...toList(scope.aliases.get(name))]));
    }
    this.#countColumns(columns.length);
    this.#checkRest(node, scope, ['select_list', 'from_table', 'cte_map']);
    return columns;
  }

  #countColumns(columns: number): void {
    this.#columns += columns;
    if (columns > limits.columns) throw tooComplex(`a select of ${columns} columns`, limits.columns);
    if (this.#columns > limits.totalColumns)
      throw tooComplex(`more than ${limits.totalColumns} columns in all selects`, limits.totalColumns);
  }

  #selectItem(item: Node, scope: Scope): NamedSize {
    const size = this.#expression(item, scope);
    // COLUMNS(…) in an expression computes the expression for each column.
    const width = containsStar(item) ? Math.max(1, allColumns(scope).length) : 1;
    if (width > 1) this.#countBytes(size, width - 1, scope);
    const name =
      item['alias'] ||
      (toNodes(item['column_names']).length === 0
        ? ((item['column_names'] as string[] | undefined)?.at(-1) ?? item['function_name'])
        : '');
    return { name: foldName(String(name ?? '')), size };
  }

  #star(item: Node, scope: Scope): NamedSize[] {
    const relation = foldName(String(item['relation_name'] ?? ''));
    const replaced = new Map(
      (item['replace_list'] as { key: string; value: Node }[] | undefined)?.map(({ key, value }) => [
        foldName(key),
        this.#expression(value, scope),
      ]),
    );
    if (isPlainObject(item['expr'])) this.#expression(item['expr'], { ...scope, aliases: new Map(scope.aliases) });
    const chosen = scope.relations
      .filter(({ name }) => relation === '' || name === relation)
      .flatMap(({ columns }) => columns);
    return chosen.map(({ name, size }) => ({ name, size: replaced.get(name) ?? size }));
  }

  #relations(from: unknown, scope: Scope): Relation[] {
    if (!isPlainObject(from)) return [];
    switch (from['type']) {
      case 'BASE_TABLE': {
        const name = foldName(String(from['table_name']));
        const columns =
          scope.ctes.get(name) ??
          (this.#tables.get(name) ?? []).map(([column, bytes]) => ({ name: column, size: makeSize(bytes) }));
        return [{ name: aliasOf(from, name), columns: applyAliases(columns.map(asColumn), from['column_name_alias']) }];
      }
      case 'SUBQUERY': {
        const columns = this.#query((from['subquery'] as Node)['node'] as Node, scope).map(asColumn);
        return [{ name: aliasOf(from), columns: applyAliases(columns, from['column_name_alias']) }];
      }
      case 'JOIN': {
        const left = this.#relations(from['left'], scope);
        // The right side of a lateral join can use the left side.
        const right = this.#relations(from['right'], { ...scope, relations: left, aliases: new Map(), outer: scope });
        const relations = [...left, ...right];
        this.#checkRest(from, { ...scope, relations, aliases: new Map(), outer: scope }, ['left', 'right']);
        return relations;
      }
      case 'TABLE_FUNCTION': {
        const call = from['function'] as Node;
        const argSizes = toNodes(call['children']).map((child) => this.#expression(child, scope));
        const isRange = /range|series/i.test(String(call['function_name']));
        const bytes = isRange ? smallValueBytes : 6 * maxSize(argSizes).bytes + smallValueBytes;
        const names = [
          'unnest',
          'range',
          'generate_series',
          'key',
          'value',
          'type',
          'atom',
          'id',
          'parent',
          'fullkey',
          'path',
          'ordinality',
        ];
        const aliases = (from['column_name_alias'] as string[] | undefined) ?? [];
        return [
          {
            name: aliasOf(from),
            columns: [...aliases.map(foldName), ...names].map((name) => ({ name, size: makeSize(bytes) })),
          },
        ];
      }
      case 'EXPRESSION_LIST': {
        const rows = (from['values'] as Node[][]).map((row) => row.map((value) => this.#expression(value, scope)));
        const columns = (rows[0] ?? []).map((_, place) => ({
          name: `col${place}`,
          size: maxSize(rows.flatMap((row) => toList(row[place]))),
        }));
        return [
          { name: aliasOf(from), columns: applyAliases(columns, from['column_name_alias'] ?? from['expected_names']) },
        ];
      }
      case 'PIVOT':
        return [this.#pivot(from, scope)];
      default:
        return [];
    }
  }

  /** A pivot creates a column for every combination of values. */
  #pivot(from: Node, scope: Scope): Relation {
    const source = this.#relations(from['source'], scope);
    const pivotScope = { ...scope, relations: source, aliases: new Map(), outer: scope };
    const aggregates = toNodes(from['aggregates']).map((aggregate) => this.#expression(aggregate, pivotScope));
    const combinations = toNodes(from['pivots']).reduce(
      (product, pivot) => product * Math.max(1, toNodes(pivot['entries']).length),
      Math.max(1, aggregates.length),
    );
    this.#countColumns(combinations);
    this.#checkRest(from, pivotScope, ['source', 'aggregates']);
    const size = maxSize([...aggregates, ...source.flatMap(({ columns }) => columns.map((column) => column.size))]);
    const columns = source.flatMap((relation) => relation.columns).map(({ name }) => ({ name, size }));
    const pivotColumns = Array.from({ length: combinations }, (_, place) => ({ name: `pivoted ${place}`, size }));
    return { name: aliasOf(from), columns: [...columns, ...pivotColumns] };
  }

  /** Checks every expression in the rest of a node. */
  #checkRest(node: Node, scope: Scope, except: readonly string[]): void {
    for (const part of nestedNodes(node, except)) {
      if (typeof part['class'] === 'string') this.#expression(part, scope);
      else this.#checkRest(part, scope, []);
    }
  }

  #expression(node: Node, scope: Scope): Size {
    const size = this.#sizeOf(node, scope);
    // DuckDB replaces an alias by its expression.
    this.#expressions += node['class'] === 'COLUMN_REF' ? size.expressions : 1;
    if (size.expressions > limits.expressions || this.#expressions > limits.expressions) {
      throw tooComplex(
        `more than ${limits.expressions} expressions, with aliases and macros expanded`,
        limits.expressions,
      );
    }
    return size;
  }

  #sizeOf(node: Node, scope: Scope): Size {
    switch (node['class']) {
      case 'CONSTANT':
        return makeSize(Buffer.byteLength(String((node['value'] as Node)['value'] ?? '')));
      case 'COLUMN_REF':
        return lookUpSize(node['column_names'] as string[], scope);
      case 'STAR':
      case 'POSITIONAL_REFERENCE':
        return maxSize(allColumns(scope).map(({ size }) => size));
      case 'SUBQUERY':
        return this.#subquery(node, scope);
      case 'CASE': {
        const checks = (node['case_checks'] as Node[]).flatMap((check) => [
          this.#boundedExpression(check['when_expr'] as Node, scope),
          this.#expression(check['then_expr'] as Node, scope),
        ]);
        const branches = checks.filter((_, place) => place % 2 === 1);
        return {
          ...maxSize([
            ...branches,
            ...(isPlainObject(node['else_expr']) ? [this.#expression(node['else_expr'], scope)] : []),
          ]),
          expressions: totalExpressions(checks) + 1,
        };
      }
      case 'CAST':
        return this.#cast(node, scope);
      case 'FUNCTION':
      case 'WINDOW':
        return this.#call(node, scope);
      case 'LAMBDA':
        // Outside a list function, `a -> b` extracts from JSON.
        return this.#callSize('->', [node['lhs'] as Node, node['expr'] as Node], scope);
      case 'OPERATOR':
        return this.#operator(node, scope);
      case 'COLLATE':
        return this.#expression(node['child'] as Node, scope);
      default: {
        const sizes = nestedNodes(node)
          .filter((part) => typeof part['class'] === 'string')
          .map((part) => this.#boundedExpression(part, scope));
        this.#checkRest(
          node,
          scope,
          Object.keys(node).filter((key) =>
            [node[key]].flat().some((part) => isPlainObject(part) && typeof part['class'] === 'string'),
          ),
        );
        return makeSize(smallValueBytes, totalExpressions(sizes) + 1);
      }
    }
  }

  #operator(node: Node, scope: Scope): Size {
    const type = String(node['type']);
    const name = {
      ARRAY_EXTRACT: 'list_extract',
      ARRAY_SLICE: 'list_slice',
      STRUCT_EXTRACT: 'struct_extract',
      ARRAY_CONSTRUCTOR: 'list_value',
    }[type];
    if (name !== undefined) return this.#callSize(name, toNodes(node['children']), scope);
    const sizes = toNodes(node['children']).map((child) => this.#expression(child, scope));
    const expressions = totalExpressions(sizes) + 1;
    if (/COALESCE|TRY|UNPACK/.test(type)) return { ...maxSize(sizes), expressions };
    if (/NULL|GROUPING/.test(type)) return makeSize(smallValueBytes, expressions);
    if (sizes.some(({ bytes }) => bytes === Infinity)) throw unboundedError(type.toLowerCase().replaceAll('_', ' '));
    return makeSize(smallValueBytes, expressions);
  }

  #subquery(node: Node, scope: Scope): Size {
    const columns = this.#query((node['subquery'] as Node)['node'] as Node, {
      ...scope,
      aliases: new Map(),
      relations: [],
      outer: scope,
    });
    if (isPlainObject(node['child'])) this.#boundedExpression(node['child'], scope);
    if (node['subquery_type'] !== 'SCALAR') return makeSize(smallValueBytes);
    return { ...maxSize(columns.map(({ size }) => size)), expressions: 1 };
  }

  #cast(node: Node, scope: Scope): Size {
    const size = this.#expression(node['child'] as Node, scope);
    const id = String((node['cast_type'] as Node)['id']);
    const isFixed = !/CHAR|BLOB|UNBOUND|LIST|STRUCT|MAP/.test(id);
    if (size.bytes === Infinity) throw unboundedError('a cast');
    if (isFixed) return makeSize(smallValueBytes, size.expressions + 1);
    const factor = /LIST|STRUCT|MAP/.test(id) ? 17 : 6;
    return this.#countBytes(
      makeSize(size.bytes <= smallValueBytes ? smallValueBytes : factor * size.bytes, size.expressions + 1),
      1,
      scope,
    );
  }

  #call(node: Node, scope: Scope): Size {
    const name = foldName(String(node['function_name']));
    const argNodes = toNodes(node['children']);
    if (lambdaFunctions.has(name) && argNodes[1]?.['class'] === 'LAMBDA')
      return this.#lambda(name, node, argNodes, scope);
    this.#checkRest(node, scope, ['children']);
    return this.#callSize(name, argNodes, scope);
  }

  #callSize(name: string, argNodes: readonly Node[], scope: Scope): Size {
    const argSizes = argNodes.map((child) => this.#expression(child, scope));
    const { size, steps } = functionCost({ name, argNodes, argSizes }, functionKinds.get(name) ?? 'small');
    if (steps * scope.repeats > limits.stepsPerCall) {
      throw new WattduckError('call_too_slow', { function: name });
    }
    const expressions = totalExpressions(argSizes) * (macroUses.get(name) ?? 1) + 1;
    return this.#countBytes({ ...size, expressions }, 1, scope);
  }

  /** A lambda is computed for every element of a list. */
  #lambda(name: string, node: Node, [listNode, lambda, ...rest]: readonly Node[], scope: Scope): Size {
    const listSize = this.#expression(listNode!, scope);
    for (const other of rest) this.#boundedExpression(other, scope);
    this.#checkRest(node, scope, ['children']);
    if (listSize.bytes === Infinity) throw unboundedError(`${name}()`);
    const [element, count] = [listSize.element ?? listSize.bytes, maxElements(listSize)];
    const parameters = columnNames(lambda!['lhs'] as Node).map((parameter): [string, Size] => [
      foldName(parameter),
      makeSize(element),
    ]);
    const body = this.#expression(lambda!['expr'] as Node, {
      ...scope,
      aliases: new Map([...scope.aliases, ...parameters]),
      repeats: scope.repeats * count,
    });
    const isFilter = name.endsWith('filter');
    const expressions = listSize.expressions + body.expressions + 1;
    return this.#countBytes(
      {
        ...makeSize(isFilter ? listSize.bytes : count * (body.bytes + 16), expressions),
        element: isFilter ? element : body.bytes,
        count,
      },
      1,
      scope,
    );
  }

  /** The size of an expression that is only compared or tested, and must be bounded. */
  #boundedExpression(node: Node, scope: Scope): Size {
    const size = this.#expression(node, scope);
    if (size.bytes === Infinity) throw unboundedError('a comparison');
    return size;
  }

  /** Adds the bytes that a call creates for one row. */
  #countBytes(size: Size, times: number, { repeats }: Scope): Size {
    if (size.bytes !== Infinity && size.bytes > smallValueBytes) this.#bytes += size.bytes * times * repeats;
    if (this.#bytes > this.#maxBytes) {
      throw new WattduckError('row_size_unbounded', { kilobytes: Math.round(this.#maxBytes / 1024) });
    }
    return size;
  }
}

const toNodes = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isPlainObject) : []);
const isStar = (node: Node): boolean => node['class'] === 'STAR';
const containsStar = (node: Node): boolean =>
  isStar(node) || nestedNodes(node).some((part) => part['class'] !== 'SUBQUERY' && containsStar(part));
const aliasOf = (node: Node, defaultName = ''): string =>
  node['alias'] ? foldName(String(node['alias'])) : defaultName;
const columnNames = (node: Node): string[] =>
  node['class'] === 'COLUMN_REF' ? (node['column_names'] as string[]) : nestedNodes(node).flatMap(columnNames);
