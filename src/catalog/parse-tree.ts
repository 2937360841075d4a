import { isMap } from './frontmatter.ts';

/** A node of DuckDB's parse tree (`json_serialize_sql`); only the fields the rules look at. */
export type Node = Record<string, unknown>;

/** A finding: what the other engine would do differently, and what to write instead. */
export interface Finding {
  node: Node;
  what: string;
  instead: string;
}

export const children = (node: Node): Node[] => Object.values(node).flat(2).filter(isMap);

/** Whether any select in it groups its rows. */
export const isGrouped = (node: Node): boolean =>
  ((node['group_expressions'] as unknown[] | undefined) ?? []).length > 0 || children(node).some(isGrouped);

/** Whether a select only picks rows of tables, value by value. */
export function picksRows(select: Node): boolean {
  const ctes = ((select['cte_map'] as Node | undefined)?.['map'] as unknown[] | undefined) ?? [];
  return ctes.length === 0 && areTables(select['from_table']) && !isGrouped(select) && !hasWindow(select);
}

const areTables = (from: unknown): boolean =>
  isMap(from) &&
  (from['type'] === 'BASE_TABLE' || (from['type'] === 'JOIN' && areTables(from['left']) && areTables(from['right'])));

const hasWindow = (node: Node): boolean => node['class'] === 'WINDOW' || children(node).some(hasWindow);

/** All objects of a node, however deep in lists. */
export const parts = (node: Node, except: readonly string[] = []): Node[] =>
  Object.entries(node).flatMap(([key, value]) => (except.includes(key) ? [] : [value].flat(Infinity).filter(isMap)));
