import { suggest } from '../text/names.ts';
import { clipMessage } from '../text/plain-text.ts';
import type { CatalogDatabase, StatementInfo } from './catalog-database.ts';
import { readColumns } from './columns.ts';
import type { View } from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { readParameters } from './parameters.ts';
import { isRowSelection, type Node } from './parse-tree.ts';
import { checkPortability } from './portability.ts';
import { sqlFileError, statementError } from './sql-text.ts';
import { parametersOf, ruleColumns, withViews } from './views.ts';

/** Reads one rule, a view that returns the columns of an issue. */
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
    throw sqlFileError(file.path, file.sqlLine, 'sql_file_invalid_rule_columns', {
      actual: clipMessage(actual),
      expected,
    });
  return view;
}

/** Reads one view and checks all of it with DuckDB. */
export async function readView(
  name: string,
  file: SqlFile,
  views: readonly View[],
  database: CatalogDatabase,
  lookup?: ViewLookup,
): Promise<View> {
  const frontMatter = validateObject<{
    title: string;
    description: string;
    details?: string[];
    when?: string;
    params?: Record<string, unknown>;
    columns?: Record<string, unknown>;
  }>(
    file,
    [],
    file.frontMatter,
    { title: 'text', description: 'text', details: 'texts', when: 'text', params: 'map', columns: 'map' },
    ['title', 'description'],
  );
  const expandedFile = withViews(file, views);
  const statement = await checkPortability(expandedFile, database);
  const statementInfo = await describeStatement(expandedFile, database, file.sqlLine);
  const parameters = readParameters(file, frontMatter.params ?? {}, statementInfo.parameters, parametersOf(views));
  const { title, description, details = [] } = frontMatter;
  const when = frontMatter.when === undefined ? undefined : await findView(file, ['when'], frontMatter.when, lookup);
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
    ...(when ? { when } : {}),
    columns,
    outputColumns: statementInfo.columns,
    inline,
    sql: file.sql.trim(),
  };
}

/** The views that a file can name in its front matter. */
export interface ViewLookup {
  views: readonly string[];
  view(name: string): Promise<View>;
}

/** A view that the front matter names. */
export async function findView(
  file: SqlFile,
  keyPath: readonly (string | number)[],
  name: string,
  lookup: ViewLookup | undefined,
): Promise<View> {
  const known = lookup?.views ?? [];
  if (lookup && known.includes(name)) return lookup.view(name);
  throw sqlFileError(file.path, file.lineOf(keyPath), 'sql_file_unknown_view', {
    view: name,
    suggestion: suggest(name, known),
  });
}

/** The select of the file itself, inside the statement that {@link withViews} builds. */
function innerSelect(statement: Node, views: readonly View[]): Node {
  const select = statement['node'] as Node;
  return views.length === 0 ? select : (((select['from_table'] as Node)['subquery'] as Node)['node'] as Node);
}

/** @param fallbackLine line for an error of DuckDB that names none */
export async function describeStatement(
  file: SqlFile,
  database: CatalogDatabase,
  fallbackLine = file.sqlLine,
): Promise<StatementInfo> {
  try {
    return await database.describeSchema(file.sql);
  } catch (error) {
    throw statementError(error, file.path, file.sqlLine, fallbackLine);
  }
}
