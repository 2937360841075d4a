/** A token of SQL without spaces and comments. */
export interface Token {
  kind: 'string' | 'quoted' | 'parameter' | 'number' | 'word' | 'symbol' | 'raw';
  text: string;
  /** Name that the text gives its value, for later uses. */
  alias?: string;
}

/** The tokens between two brackets. */
export interface Group {
  kind: 'group';
  open: '(' | '[';
  nodes: Node[];
}

export type Node = Token | Group;

const pattern =
  /(\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|("(?:[^"]|"")*")|(\$\w+)|((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(::|<=|>=|<>|!=|\|\||->|.)/gisu;
const kinds = ['string', 'quoted', 'parameter', 'number', 'word', 'symbol'] as const;
const closingOf = { '(': ')', '[': ']' };

/**
 * Reads SQL of DuckDB as nested tokens.
 * @param endsWithSemicolon whether other statements may follow
 * @throws Error for what a portable statement does not contain: braces, `$$`, escapes before a string, several statements
 */
export function parseTokens(sql: string, endsWithSemicolon = false): Node[] {
  const nodes: Node[] = [];
  const open: Group[] = [];
  let end = 0;
  for (const { index, 0: text, ...groups } of sql.matchAll(pattern)) {
    if (index !== end) throw new Error(`unexpected character ${JSON.stringify(sql[end])}`);
    end = index + text.length;
    const kind = kinds.find((_, at) => (groups as Record<number, string | undefined>)[at + 2] !== undefined);
    if (kind === undefined) continue;
    if (endsWithSemicolon && text === ';' && open.length === 0) return nodes;
    const siblings = open.at(-1)?.nodes ?? nodes;
    const before = siblings.at(-1);
    if (kind === 'string' && before?.kind === 'word' && /\w/.test(sql[index - 1] ?? ''))
      throw new Error(`unexpected string after ${before.text}`);
    if (kind !== 'symbol') siblings.push({ kind, text });
    else if (text === '(' || text === '[') {
      const group: Group = { kind: 'group', open: text, nodes: [] };
      siblings.push(group);
      open.push(group);
    } else if (text === ')' || text === ']') {
      const group = open.pop();
      if (!group || closingOf[group.open] !== text) throw new Error(`unexpected ${text}`);
    } else if (/^[{}$;'"`\\?@#]$/.test(text)) throw new Error(`unexpected character ${text}`);
    else siblings.push({ kind, text });
  }
  if (end !== sql.length || open.length > 0) throw new Error('the statement is not complete');
  return nodes;
}

/** The text of nodes. */
export function printNodes(nodes: readonly Node[]): string {
  let text = '';
  for (const [at, node] of nodes.entries()) {
    const isTight = at === 0 || isSymbol(node, '.') || isSymbol(nodes[at - 1], '.');
    text += isTight ? '' : ' ';
    text += node.kind === 'group' ? `${node.open}${printNodes(node.nodes)}${closingOf[node.open]}` : node.text;
  }
  return text;
}

export const isWord = (node: Node | undefined, ...words: readonly string[]): boolean =>
  node?.kind === 'word' && words.includes(node.text.toLowerCase());
export const isSymbol = (node: Node | undefined, text: string): boolean =>
  node?.kind === 'symbol' && node.text === text;
export const isGroup = (node: Node | undefined, open: Group['open'] = '('): node is Group =>
  node?.kind === 'group' && node.open === open;

/** The parts of a list between its commas; none for an empty list. */
export function splitByComma(nodes: readonly Node[]): Node[][] {
  const parts: Node[][] = [[]];
  for (const node of nodes) {
    if (isSymbol(node, ',')) parts.push([]);
    else parts.at(-1)!.push(node);
  }
  return nodes.length === 0 ? [] : parts;
}

/** SQL of ClickHouse, as one token. */
export const raw = (text: string, alias?: string): Token => ({ kind: 'raw', text, ...(alias && { alias }) });
export const group = (nodes: Node[]): Group => ({ kind: 'group', open: '(', nodes });

/** Rewritten nodes as one token, in brackets if they are several. */
export function rawOf(nodes: readonly Node[]): Token {
  const [node] = nodes;
  if (nodes.length !== 1 || !node) return raw(`(${printNodes(nodes)})`);
  if (node.kind !== 'group') return raw(node.text, node.alias);
  const inner = node.open === '(' ? rawOf(node.nodes) : undefined;
  return inner?.alias === undefined ? raw(printNodes(nodes)) : inner;
}
