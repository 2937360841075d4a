import type { CatalogDatabase } from './catalog-database.ts';
import { isPlainObject } from './plain-object.ts';
import { childNodes, type Node, type PortabilityIssue } from './parse-tree.ts';

/**
 * Finds aliases that repeat the name of a column: in ClickHouse, `sum(x) as x` reads the alias, not the column.
 * An alias is reported if the from clause of the same select has a column of that name and the alias is not that column itself.
 */
export async function findShadowedAliases(statement: Node, database: CatalogDatabase): Promise<PortabilityIssue[]> {
  const issues: PortabilityIssue[] = [];
  await checkSelect(statement['node'] as Node, new Map(), database, issues);
  return issues;
}

type Scope = Map<string, Set<string>>;

/** Checks one select and returns the names of its columns. */
async function checkSelect(
  node: Node,
  outer: Scope,
  database: CatalogDatabase,
  issues: PortabilityIssue[],
): Promise<Set<string>> {
  const scope: Scope = new Map(outer);
  for (const entry of ((node['cte_map'] as Node | undefined)?.['map'] as Node[] | undefined) ?? []) {
    const query = ((entry['value'] as Node)['query'] as Node)['node'] as Node;
    scope.set(
      String(entry['key']),
      applyAliases((entry['value'] as Node)['aliases'], await checkSelect(query, scope, database, issues)),
    );
  }
  if (node['type'] === 'SET_OPERATION_NODE') {
    const sides = [node['left'], node['right'], ...((node['children'] as unknown[] | undefined) ?? [])].filter(
      isPlainObject,
    );
    const names = [];
    for (const side of sides)
      names.push(await checkSelect((side['node'] as Node | undefined) ?? side, scope, database, issues));
    return names[0] ?? new Set();
  }
  if (node['type'] !== 'SELECT_NODE') return new Set();

  const available = await columnsOf(node['from_table'] as Node, scope, database, issues);
  const names = new Set<string>();
  for (const item of node['select_list'] as Node[]) {
    if (item['class'] === 'STAR') {
      for (const name of available) names.add(name);
      continue;
    }
    const columnNames = item['class'] === 'COLUMN_REF' ? (item['column_names'] as string[]) : undefined;
    const columnName = columnNames?.at(-1);
    const alias = String(item['alias'] || columnName || '');
    names.add(alias);
    if (alias !== columnName && available.has(alias)) {
      issues.push({ node: item, problem: `alias ${alias} repeats a column's name`, suggestion: 'another alias' });
    }
  }
  await checkSubqueries(node, scope, database, issues);
  return names;
}

/** Column names after an alias list such as `t(a, b)`, if any. */
const applyAliases = (aliases: unknown, names: Set<string>): Set<string> =>
  Array.isArray(aliases) && aliases.length > 0
    ? new Set([...aliases.map(String), ...[...names].slice(aliases.length)])
    : names;

async function columnsOf(
  from: Node | undefined,
  scope: Scope,
  database: CatalogDatabase,
  issues: PortabilityIssue[],
): Promise<Set<string>> {
  if (!from) return new Set();
  return applyAliases(from['column_name_alias'], await unaliasedColumnsOf(from, scope, database, issues));
}

async function unaliasedColumnsOf(
  from: Node,
  scope: Scope,
  database: CatalogDatabase,
  issues: PortabilityIssue[],
): Promise<Set<string>> {
  switch (from['type']) {
    case 'BASE_TABLE': {
      const name = String(from['table_name']);
      return scope.get(name) ?? new Set((await database.tableColumns(name)).map((column) => column.name));
    }
    case 'SUBQUERY':
      return checkSelect((from['subquery'] as Node)['node'] as Node, scope, database, issues);
    case 'JOIN': {
      const left = await columnsOf(from['left'] as Node, scope, database, issues);
      const right = await columnsOf(from['right'] as Node, scope, database, issues);
      return new Set([...left, ...right]);
    }
    default:
      return new Set();
  }
}

/** Checks selects inside expressions: scalar subqueries, exists, in. */
async function checkSubqueries(
  node: Node,
  scope: Scope,
  database: CatalogDatabase,
  issues: PortabilityIssue[],
): Promise<void> {
  for (const child of childNodes(node)) {
    if (child['class'] === 'SUBQUERY') {
      await checkSelect((child['subquery'] as Node)['node'] as Node, scope, database, issues);
    } else if (child['type'] !== 'SUBQUERY' && child['type'] !== 'SELECT_NODE' && child !== node['cte_map']) {
      await checkSubqueries(child, scope, database, issues);
    }
  }
}
