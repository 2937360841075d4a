import type { EngineView } from './engine-view.ts';
import { isMap } from './frontmatter.ts';
import { children, type Finding, type Node } from './parse-tree.ts';

/**
 * Finds aliases that repeat a column's name: `sum(x) as x` reads the alias, not the column, in the other engine.
 * An alias is at fault when the same select's from clause offers a column of that name and the alias is not that column itself.
 */
export async function aliasFaults(statement: Node, engine: EngineView): Promise<Finding[]> {
  const found: Finding[] = [];
  await select(statement['node'] as Node, new Map(), engine, found);
  return found;
}

type Scope = Map<string, Set<string>>;

/** Checks one select and answers the names of its columns. */
async function select(node: Node, outer: Scope, engine: EngineView, found: Finding[]): Promise<Set<string>> {
  const scope: Scope = new Map(outer);
  for (const entry of ((node['cte_map'] as Node | undefined)?.['map'] as Node[] | undefined) ?? []) {
    const query = ((entry['value'] as Node)['query'] as Node)['node'] as Node;
    scope.set(
      String(entry['key']),
      renamed((entry['value'] as Node)['aliases'], await select(query, scope, engine, found)),
    );
  }
  if (node['type'] === 'SET_OPERATION_NODE') {
    const sides = [node['left'], node['right'], ...((node['children'] as unknown[] | undefined) ?? [])].filter(isMap);
    const names = [];
    for (const side of sides)
      names.push(await select((side['node'] as Node | undefined) ?? side, scope, engine, found));
    return names[0] ?? new Set();
  }
  if (node['type'] !== 'SELECT_NODE') return new Set();

  const offered = await columnsOf(node['from_table'] as Node, scope, engine, found);
  const names = new Set<string>();
  for (const item of node['select_list'] as Node[]) {
    if (item['class'] === 'STAR') {
      for (const name of offered) names.add(name);
      continue;
    }
    const columnNames = item['class'] === 'COLUMN_REF' ? (item['column_names'] as string[]) : undefined;
    const own = columnNames?.at(-1);
    const alias = String(item['alias'] || own || '');
    names.add(alias);
    if (alias !== own && offered.has(alias)) {
      found.push({ node: item, what: `alias ${alias} repeats a column's name`, instead: 'another alias' });
    }
  }
  await subqueries(node, scope, engine, found);
  return names;
}

/** The names of columns under an alias list, `t(a, b)`, if there is one. */
const renamed = (aliases: unknown, names: Set<string>): Set<string> =>
  Array.isArray(aliases) && aliases.length > 0
    ? new Set([...aliases.map(String), ...[...names].slice(aliases.length)])
    : names;

async function columnsOf(
  from: Node | undefined,
  scope: Scope,
  engine: EngineView,
  found: Finding[],
): Promise<Set<string>> {
  if (!from) return new Set();
  return renamed(from['column_name_alias'], await ownColumnsOf(from, scope, engine, found));
}

async function ownColumnsOf(from: Node, scope: Scope, engine: EngineView, found: Finding[]): Promise<Set<string>> {
  switch (from['type']) {
    case 'BASE_TABLE': {
      const name = String(from['table_name']);
      const known = scope.get(name);
      return known ?? new Set((await engine.tableColumns(name)).map((column) => column.name));
    }
    case 'SUBQUERY':
      return select((from['subquery'] as Node)['node'] as Node, scope, engine, found);
    case 'JOIN': {
      const left = await columnsOf(from['left'] as Node, scope, engine, found);
      const right = await columnsOf(from['right'] as Node, scope, engine, found);
      return new Set([...left, ...right]);
    }
    default:
      return new Set();
  }
}

/** Selects inside expressions: scalar subqueries, exists, in. */
async function subqueries(node: Node, scope: Scope, engine: EngineView, found: Finding[]): Promise<void> {
  for (const child of children(node)) {
    if (child['class'] === 'SUBQUERY') {
      await select((child['subquery'] as Node)['node'] as Node, scope, engine, found);
    } else if (child['type'] !== 'SUBQUERY' && child['type'] !== 'SELECT_NODE' && child !== node['cte_map']) {
      await subqueries(child, scope, engine, found);
    }
  }
}
