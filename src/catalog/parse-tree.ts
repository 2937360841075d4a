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

/** Whether a select only picks rows of one table, value by value. */
export function picksRows(select: Node): boolean {
  const ctes = ((select['cte_map'] as Node | undefined)?.['map'] as unknown[] | undefined) ?? [];
  const from = select['from_table'] as Node | undefined;
  return ctes.length === 0 && from?.['type'] === 'BASE_TABLE' && !isGrouped(select) && !hasWindow(select);
}

const hasWindow = (node: Node): boolean => node['class'] === 'WINDOW' || children(node).some(hasWindow);
