import type { Macros } from './macros.ts';
import {
  group,
  isGroup,
  isSymbol,
  isWord,
  parseTokens,
  printNodes,
  raw,
  rawOf,
  splitByComma,
  type Group,
  type Node,
  type Token,
} from './tokens.ts';
import { clickHouseIdentifier, clickHouseLiteral, clickHouseType } from './types.ts';

/** A CTE at the beginning of a statement. */
export interface Cte {
  name: string;
  /** Whether it only selects rows, so that a copy of its rows would cost more than it saves. */
  inline: boolean;
  sql: string;
}

/** A statement of ClickHouse, without its leading CTEs. */
export interface RewrittenStatement {
  ctes: Cte[];
  sql: string;
}

interface Context {
  macros: Macros;
  /** Whether a parameter is null: ClickHouse has no nullable parameters where it expects a constant. */
  isNull(parameter: string): boolean;
  /** Names of the tables on the server. */
  tables: readonly string[];
  /** SQL of ClickHouse for calls whose value is known, by the text of the call. */
  known?: ReadonlyMap<string, string>;
}

interface Scope extends Context {
  /** Number of arguments of macros that have a name. */
  names: { count: number };
  /** Macro that is being expanded: its body may call the function of the same name. */
  expanding?: string;
}

const newScope = (context: Context): Scope => ({ ...context, names: { count: 0 } });

/** The CTE of a report that is not grouped: its rows may be too many for a table. */
const rowsOfReport = 'report';

/**
 * Rewrites a portable statement of DuckDB for ClickHouse.
 * @throws Error for a statement that is not portable
 */
export function rewriteStatement(sql: string, context: Context): RewrittenStatement {
  const { ctes, rest } = splitCtes(parseTokens(sql));
  const names = ctes.map(({ name }) => name);
  const scope = newScope(context);
  const print = (nodes: readonly Node[]): string => printNodes(rewriteNodes(nodes, scope));
  return {
    ctes: ctes.flatMap(({ name, mode, nodes }, at) => {
      const [inner, outer] = splitInner(nodes, [...names.slice(0, at), ...context.tables]);
      const inline = mode === 'inline' || (mode === undefined && name === rowsOfReport);
      return [
        ...inner.map((cte) => ({ name: cte.name, inline: false, sql: print(cte.nodes) })),
        { name, inline, sql: print(outer) },
      ];
    }),
    sql: print(rest),
  };
}

interface ParsedCte {
  name: string;
  mode: 'inline' | 'table' | undefined;
  nodes: Node[];
}

/** The CTEs at the beginning of a select, and the select itself. */
function splitCtes(nodes: readonly Node[]): { ctes: ParsedCte[]; rest: Node[] } {
  const ctes: ParsedCte[] = [];
  if (!isWord(nodes[0], 'with')) return { ctes, rest: [...nodes] };
  let at = 0;
  do {
    const end = nodes.findIndex((node, index) => index > at && isGroup(node));
    const [name, ...mode] = nodes.slice(at + 1, end);
    const body = nodes[end];
    if (name === undefined || name.kind === 'group' || !isWord(mode[0], 'as') || !isGroup(body))
      throw new Error('expected CTEs of the form name as (select …)');
    ctes.push({
      name: unquoted(name),
      mode: isWord(mode[1], 'not') ? 'inline' : isWord(mode[1], 'materialized') ? 'table' : undefined,
      nodes: body.nodes,
    });
    at = end + 1;
  } while (isSymbol(nodes[at], ','));
  return { ctes, rest: nodes.slice(at) };
}

/**
 * Splits the CTEs inside a view that are materialized, or that are read more than once and are smaller than what they read. Tables of
 * a later view may replace them.
 * @param taken names that a table must not hide
 */
function splitInner(nodes: readonly Node[], taken: readonly string[]): [ParsedCte[], Node[]] {
  const withGroups = nodes.filter((node): node is Group => isGroup(node) && isWord(node.nodes[0], 'with'));
  // Rounded columns are selected from the view itself.
  if (!isWord(nodes[0], 'with') && withGroups.length === 1) {
    const [ctes, inner] = splitInner(withGroups[0]!.nodes, taken);
    return [ctes, nodes.map((node) => (node === withGroups[0] ? group(inner) : node))];
  }
  const { ctes, rest } = splitCtes(nodes);
  const tables: ParsedCte[] = [];
  const inline: ParsedCte[] = [];
  const reduced = new Set<string>();
  for (const [at, cte] of ctes.entries()) {
    const sources = sourcesOf(cte.nodes);
    const isReduced =
      countWords(cte.nodes, reducingWords) > 0 || (sources.length > 0 && sources.every((name) => reduced.has(name)));
    if (isReduced) reduced.add(cte.name);
    const readers = [...ctes.slice(at + 1).flatMap((later) => later.nodes), ...rest];
    const isReadAgain = isReduced && sourcesOf(readers).filter((name) => name === cte.name).length > 1;
    const isTable = (isReadAgain || cte.mode === 'table') && !taken.includes(cte.name);
    if (!isTable) inline.push(cte);
    else tables.push({ ...cte, nodes: withCtes(inline, cte.nodes) });
  }
  return [tables, withCtes(inline, rest)];
}

/** Words of a select with fewer rows than it reads, and of one that cannot be split. */
const reducingWords = ['group', 'distinct', 'over', 'min', 'max', 'sum', 'count', 'avg'];

/** Names after `from` and `join`. */
const sourcesOf = (nodes: readonly Node[]): string[] =>
  nodes.flatMap((node, at): string[] => {
    if (node.kind === 'group') return sourcesOf(node.nodes);
    return isWord(nodes[at - 1], 'from', 'join') ? [unquoted(node)] : [];
  });

const countWords = (nodes: readonly Node[], words: readonly string[]): number =>
  nodes.reduce(
    (count, node) => count + (node.kind === 'group' ? countWords(node.nodes, words) : Number(isWord(node, ...words))),
    0,
  );

/** A select with the CTEs that it reads, directly or through others. */
function withCtes(ctes: readonly ParsedCte[], nodes: Node[]): Node[] {
  const used: ParsedCte[] = [];
  for (const cte of ctes.toReversed())
    if (countWords([...nodes, ...used.flatMap((other) => other.nodes)], [cte.name]) > 0) used.unshift(cte);
  if (used.length === 0) return nodes;
  const [comma, as]: Token[] = [
    { kind: 'symbol', text: ',' },
    { kind: 'word', text: 'as' },
  ];
  const list = used.flatMap(({ name, nodes: body }) => [comma!, raw(clickHouseIdentifier(name)), as!, group(body)]);
  const hasWith = isWord(nodes[0], 'with');
  return [{ kind: 'word', text: 'with' }, ...list.slice(1), ...(hasWith ? [comma!, ...nodes.slice(1)] : nodes)];
}

/** Rewrites an expression. */
export const rewriteExpression = (sql: string, context: Context): string =>
  printNodes(rewriteNodes(parseTokens(sql), newScope(context)));

const unquoted = ({ kind, text }: Token): string =>
  kind === 'quoted' ? text.slice(1, -1).replaceAll('""', '"') : text;

function rewriteNodes(source: readonly Node[], scope: Scope): Node[] {
  const nodes = withAliases(source);
  const out: Node[] = [];
  for (let at = 0; at < nodes.length; at += 1) {
    const node = nodes[at]!;
    const next = nodes[at + 1];
    if (node.kind === 'group') out.push({ ...node, nodes: rewriteNodes(node.nodes, scope) });
    else if (node.kind === 'string') out.push(raw(clickHouseLiteral(stringValue(node))));
    else if (node.kind === 'quoted') out.push(raw(clickHouseIdentifier(unquoted(node))));
    else if (node.kind === 'parameter') {
      const type = isSymbol(next, '::') ? readType(nodes, at + 2) : { type: 'varchar', end: at + 1 };
      out.push(raw(parameterSql(node.text.slice(1), type.type, scope.isNull)));
      at = type.end - 1;
    } else if (isSymbol(node, '::')) {
      const { type, end } = readType(nodes, at + 1);
      out.push(castSql(out.splice(startOfOperand(out)), type, scope));
      at = end - 1;
    } else if (isSymbol(node, '//')) throw new Error('unexpected //');
    else if (isWord(node, 'date', 'timestamp') && next?.kind === 'string') {
      out.push(castSql([raw(clickHouseLiteral(stringValue(next)))], node.text, scope));
      at += 1;
    } else if (isWord(node, 'as') && isWord(next, 'not', 'materialized')) {
      out.push(node);
      at += isWord(next, 'not') ? 2 : 1;
    } else if (node.kind === 'word' && isGroup(next) && !isSymbol(nodes[at - 1], '.')) {
      const known = scope.known?.get(printNodes([node, next]));
      let end = at + 2;
      while (isWord(nodes[end], 'filter', 'over') && isGroup(nodes[end + 1])) end += 2;
      if (known !== undefined) out.push(raw(known));
      else out.push(...callSql(node.text, next.nodes, rewriteNodes(nodes.slice(at + 2, end), scope), scope));
      at = end - 1;
    } else out.push(node);
  }
  return out;
}

const stringValue = ({ text }: Token): string => text.slice(1, -1).replaceAll("''", "'");

/** Adds an alias to each selected column with a table name: ClickHouse would name it `table.column`. */
function withAliases(nodes: readonly Node[]): Node[] {
  const out: Node[] = [];
  let isSelectList = false;
  for (const [at, node] of nodes.entries()) {
    if (isWord(node, 'select')) isSelectList = true;
    if (isWord(node, 'from', 'union', 'where', 'order', 'limit')) isSelectList = false;
    out.push(node);
    const [before, table, dot, after] = [nodes[at - 3], nodes[at - 2], nodes[at - 1], nodes[at + 1]];
    const isItem =
      (node.kind === 'word' || node.kind === 'quoted') &&
      isSymbol(dot, '.') &&
      table !== undefined &&
      (isWord(before, 'select', 'distinct') || isSymbol(before, ',')) &&
      (after === undefined || isSymbol(after, ',') || isWord(after, 'from', 'union'));
    if (isSelectList && isItem) out.push({ kind: 'word', text: 'as' }, node);
  }
  return out;
}

/** Reads the name of a type: `double`, `decimal(18,6)`, `integer[]`. */
function readType(nodes: readonly Node[], at: number): { type: string; end: number } {
  let [end, text] = [at + 1, printNodes(nodes.slice(at, at + 1))];
  for (const open of ['(', '['] as const) {
    const next = nodes[end];
    if (!isGroup(next, open)) continue;
    text += printNodes([next]).replaceAll(' ', '');
    end += 1;
  }
  return { type: text, end };
}

/** A parameter of ClickHouse, or a typed null. */
export const parameterSql = (name: string, type: string, isNull: Scope['isNull']): string =>
  isNull(name) ? `CAST(NULL AS Nullable(${clickHouseType(type)}))` : `{${name}:${clickHouseType(type)}}`;

/** A cast; to a decimal it rounds, as in DuckDB. */
function castSql(operand: Node[], type: string, scope: Scope): Token {
  const decimal = /^(?:decimal|numeric)(?:\(\d+,(\d+)\)|\(\d+\))?$/i.exec(type);
  if (!decimal) return raw(`CAST(${printNodes(operand)} AS ${clickHouseType(type)})`);
  const scale = decimal[1] ?? (type.includes('(') ? '0' : '3');
  return expand('to_decimal', [operand, [raw(scale)]], scope)!;
}

/** Where the operand of `::` at the end of nodes begins. */
function startOfOperand(nodes: readonly Node[]): number {
  let at = nodes.length - 1;
  if (isWord(nodes[at], 'end')) {
    for (let depth = 1; depth > 0 && at > 0;) {
      at -= 1;
      if (isWord(nodes[at], 'end')) depth += 1;
      if (isWord(nodes[at], 'case')) depth -= 1;
    }
    return at;
  }
  // An index, unless it is a list of its own.
  const before = nodes[at - 1];
  if (
    isGroup(nodes[at], '[') &&
    before &&
    before.kind !== 'symbol' &&
    !(before.kind === 'word' && isKeyword(before.text))
  )
    at -= 1;
  while (isSymbol(nodes[at - 1], '.')) at -= 2;
  return at;
}

/** Functions of another name. */
const functionNames: Readonly<Record<string, string>> = {
  substr: 'substringUTF8',
  left: 'leftUTF8',
  lower: 'lowerUTF8',
  bool_or: 'max',
  bool_and: 'min',
  unnest: 'arrayJoin',
  starts_with: 'startsWith',
  chr: 'char',
};

/** Functions whose result is unsigned in ClickHouse, and so has no common type with other integers. */
const unsignedFunctions = ['count', 'row_number', 'rank', 'dense_rank', 'ntile'];

/** Aggregates that are null without rows; in ClickHouse only if their argument may be null. */
const nullableAggregates = ['min', 'max', 'sum', 'avg', 'min_by', 'max_by', 'any_value'];

/** @param suffix rewritten `filter (…)` and `over (…)` */
function callSql(name: string, inner: readonly Node[], suffix: readonly Node[], scope: Scope): Node[] {
  const key = name.toLowerCase();
  const end = suffix.length > 0 ? ` ${printNodes(suffix)}` : '';
  const as = key === 'cast' ? inner.findIndex((node) => isWord(node, 'as')) : -1;
  if (as >= 0) return [castSql(rewriteNodes(inner.slice(0, as), scope), readType(inner, as + 1).type, scope)];
  const ignoresNulls = isWord(inner.at(-1), 'nulls') && isWord(inner.at(-2), 'ignore');
  const nodes = rewriteNodes(ignoresNulls ? inner.slice(0, -2) : inner, scope);
  // On a Distributed table, `exists` of ClickHouse 26.7 sometimes ends the servers of the shards ("shutting down due to a fatal error").
  if (key === 'exists') return [raw(`(select count(*) > 0 from (select 1 from (${printNodes(nodes)}) limit 1))`)];
  // Keywords such as `in` are followed by brackets too.
  if (isKeyword(key)) return [{ kind: 'word', text: name }, group(nodes), ...suffix];
  const isDistinct = isWord(nodes[0], 'distinct');
  const args = splitByComma(nodes);
  if (key === 'string_agg') {
    const [text, separator] = splitByComma(isDistinct ? nodes.slice(1) : nodes).map(printNodes);
    const list = `${isDistinct ? 'groupUniqArray' : 'groupArray'}(${text})${end}`;
    return [raw(`nullIf(arrayStringConcat(arraySort(${list}), ${separator}), '')`)];
  }
  const isNullable = nullableAggregates.includes(key) && !isDistinct;
  if (isNullable || ((key === 'lag' || key === 'lead') && args.length > 1)) {
    const [value, ...others] = args.map(printNodes);
    return [raw(`${name}(toNullable(${value})${others.map((each) => `, ${each}`).join('')})${end}`)];
  }
  if (key !== scope.expanding) {
    // Functions with an argument less.
    if (key === 'round' && args.length === 1) args.push([raw('0')]);
    if (key === 'range' && args.length === 1) args.unshift([raw('0')]);
    const expanded = expand(key, args, scope);
    if (expanded !== undefined) return end === '' ? [expanded] : [raw(`${expanded.text}${end}`)];
  }
  const call = `${functionNames[key] ?? name}(${printNodes(nodes)})${ignoresNulls ? ' ignore nulls' : ''}${end}`;
  return [raw(unsignedFunctions.includes(key) ? `toInt64(${call})` : call)];
}

const isKeyword = (name: string): boolean =>
  /^(?:and|as|between|by|distinct|else|from|in|join|not|on|or|over|filter|select|then|union|all|using|values|when|where|having|with|any|like|ilike|is)$/.test(
    name,
  );

/** The body of a macro, or undefined. @param args rewritten arguments */
function expand(name: string, args: readonly Node[][], scope: Scope): Token | undefined {
  const body = scope.macros.expand(name, args.map(rawOf), () => `_${(scope.names.count += 1)}`);
  return body && rawOf([group(rewriteNodes(body, { ...scope, expanding: name }))]);
}
