import type { CatalogDatabase, StatementInfo } from './catalog-database.ts';
import { readColumns } from './columns.ts';
import type { View } from './definitions.ts';
import { catalogFault, statementFault, validateObject, type SqlFile } from './front-matter.ts';
import { readParameters } from './parameters.ts';
import { isRowSelection, type Node } from './parse-tree.ts';
import { checkPortability } from './portability.ts';
import { parametersOf, ruleColumns, withViews } from './views.ts';

/** Reads one rule: a view whose columns are those of an issue. */
export async function readRule(
  name: string,
  file: SqlFile,
  views: readonly View[],
  database: CatalogDatabase,
): Promise<View> {
  const view = await readView(name, file, views, database);
  const expected = ruleColumns.map((column) => `${column.name} ${column.type.toLowerCase()}`).join(', ');
  const actual = view.outputColumns.map((column) => `${column.name} ${column.type.toLowerCase()}`).join(', ');
  if (actual !== expected)
    throw catalogFault(file.path, file.sqlLine, `a rule that answers ${actual}`, `Answer ${expected}.`);
  return view;
}

/** Reads one view and checks it whole against DuckDB. */
export async function readView(
  name: string,
  file: SqlFile,
  views: readonly View[],
  database: CatalogDatabase,
): Promise<View> {
  const frontMatter = validateObject<{
    title: string;
    description: string;
    details?: string[];
    params?: Record<string, unknown>;
    columns?: Record<string, unknown>;
  }>(
    file,
    [],
    file.frontMatter,
    { title: 'text', description: 'text', details: 'texts', params: 'map', columns: 'map' },
    ['title', 'description'],
  );
  const expandedFile = withViews(file, views);
  const statement = await checkPortability(expandedFile, database);
  const statementInfo = await describeStatement(expandedFile, database, file.sqlLine);
  const parameters = readParameters(file, frontMatter.params ?? {}, statementInfo.parameters, parametersOf(views));
  const { title, description, details = [] } = frontMatter;
  const columns = frontMatter.columns ? readColumns(file, frontMatter.columns, statementInfo) : [];
  const inline = isRowSelection(innerSelect(statement, views));
  return {
    name,
    path: file.path,
    title,
    description,
    details,
    parameters,
    views: [...views],
    columns,
    outputColumns: statementInfo.columns,
    inline,
    sql: file.sql.trim(),
  };
}

/** The file's own select in what {@link withViews} makes of it. */
function innerSelect(statement: Node, views: readonly View[]): Node {
  const select = statement['node'] as Node;
  return views.length === 0 ? select : (((select['from_table'] as Node)['subquery'] as Node)['node'] as Node);
}

/** @param fallbackLine the line of a fault DuckDB tells no line of */
export async function describeStatement(
  file: SqlFile,
  database: CatalogDatabase,
  fallbackLine = file.sqlLine,
): Promise<StatementInfo> {
  try {
    return await database.describeSchema(file.sql);
  } catch (error) {
    throw statementFault(error, file.path, file.sqlLine, fallbackLine);
  }
}
