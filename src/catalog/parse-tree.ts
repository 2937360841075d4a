import { isPlainObject } from './plain-object.ts';

/** A node of DuckDB's parse tree (`json_serialize_sql`). */
export type Node = Record<string, unknown>;

/** A construct that differs in the other engine, and what to use instead. */
export interface PortabilityIssue {
  node: Node;
  problem: string;
  suggestion: string;
}

/** Objects directly in a node, in its lists, and in their lists. */
export function childNodes(node: Node): Node[] {
  const nodes: Node[] = [];
  const add = (value: unknown, depth: number): void => {
    if (Array.isArray(value) && depth < 2) for (const each of value) add(each, depth + 1);
    else if (isPlainObject(value)) nodes.push(value);
  };
  // A loop: checking all SQL files visits millions of values.
  for (const key in node) add(node[key], 0);
  return nodes;
}

/** Whether the node contains a select with group by. */
export const isGrouped = (node: Node): boolean =>
  ((node['group_expressions'] as unknown[] | undefined) ?? []).length > 0 || childNodes(node).some(isGrouped);

/** Whether a select only filters and joins tables, without CTEs, grouping or windows. */
export function isRowSelection(select: Node): boolean {
  const ctes = ((select['cte_map'] as Node | undefined)?.['map'] as unknown[] | undefined) ?? [];
  return ctes.length === 0 && isTableOrJoin(select['from_table']) && !isGrouped(select) && !hasWindow(select);
}

const isTableOrJoin = (from: unknown): boolean =>
  isPlainObject(from) &&
  (from['type'] === 'BASE_TABLE' ||
    (from['type'] === 'JOIN' && isTableOrJoin(from['left']) && isTableOrJoin(from['right'])));

const hasWindow = (node: Node): boolean => node['class'] === 'WINDOW' || childNodes(node).some(hasWindow);

/** All objects directly in a node, including those in nested lists. */
export const nestedNodes = (node: Node, except: readonly string[] = []): Node[] =>
  Object.entries(node).flatMap(([key, value]) =>
    except.includes(key) ? [] : [value].flat(Infinity).filter(isPlainObject),
  );
