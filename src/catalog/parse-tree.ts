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
