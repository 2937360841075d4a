import type { Bindings, LocalConnection } from '../connection.ts';
import { isGroup, isWord, parseTokens, printNodes, type Node } from './tokens.ts';

/** Macros whose arguments are parameters, not columns. Views call them in many places, and a report may have a long expression for them. */
const constantMacros = ['scan_start', 'near_start'];

/** A value that DuckDB computed. */
export interface Constant {
  /** As text; undefined for null. */
  value: string | undefined;
  /** In the notation of DuckDB. */
  type: string;
}

/** Computes calls of these macros here, once. Returns them by the text of the call. */
export async function computeConstants(
  sql: string,
  bindings: Bindings,
  local: LocalConnection,
): Promise<Map<string, Constant>> {
  if (!constantMacros.some((name) => sql.includes(name))) return new Map();
  const calls = [...new Set(callsIn(parseTokens(sql)))];
  const list = calls.map((call, at) => `${call} as v${at}`).join(', ');
  const columns = await local.describeColumns(`select ${list}`);
  const isUsed = (name: string): boolean => calls.some((call) => call.split(/\W+/).includes(name));
  const pick = <T>(all: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => isUsed(name)));
  const [row] = await local.rows(`select columns(*)::varchar from (select ${list})`, {
    values: pick(bindings.values),
    types: pick(bindings.types),
  });
  return new Map(
    calls.map((call, at) => {
      const value = row?.[`v${at}`];
      return [call, { value: typeof value === 'string' ? value : undefined, type: columns[at]!.type }];
    }),
  );
}

const callsIn = (nodes: readonly Node[]): string[] =>
  nodes.flatMap((node, at) => {
    const next = nodes[at + 1];
    if (isWord(node, ...constantMacros) && isGroup(next)) return [printNodes([node, next])];
    return node.kind === 'group' && !isWord(nodes[at - 1], ...constantMacros) ? callsIn(node.nodes) : [];
  });
