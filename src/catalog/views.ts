import type { CatalogDatabase, NamedType, StatementInfo } from './catalog-database.ts';
import { readColumns } from './columns.ts';
import type { Parameter, Report, View } from './definitions.ts';
import { catalogError, statementError, validateObject, type SqlFile } from './front-matter.ts';
import { readParameters } from './parameters.ts';
import { isRowSelection, type Node } from './parse-tree.ts';
import { checkPortability } from './portability.ts';

/** Name under which reports read what all rules found. */
export const foundIssues = 'found_issues';

/** What every rule answers, in this order. */
const ruleColumns: readonly NamedType[] = [
  { name: 'type', type: 'VARCHAR' },
  { name: 'severity', type: 'VARCHAR' },
  { name: 'station_id', type: 'VARCHAR' },
  { name: 'connector_id', type: 'VARCHAR' },
  { name: 'session_id', type: 'VARCHAR' },
  { name: 'created_at', type: 'TIMESTAMP' },
  { name: 'resolved_at', type: 'TIMESTAMP' },
  { name: 'description', type: 'VARCHAR' },
];

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
    throw catalogError(file.path, file.sqlLine, `a rule that answers ${actual}`, `Answer ${expected}.`);
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
    params?: Record<string, unknown>;
    columns?: Record<string, unknown>;
  }>(file, [], file.frontMatter, { title: 'text', description: 'text', params: 'map', columns: 'map' }, [
    'title',
    'description',
  ]);
  const expandedFile = withViews(file, views);
  const statement = await checkPortability(expandedFile, database);
  const statementInfo = await describeStatement(expandedFile, database, file.sqlLine);
  const parameters = readParameters(file, frontMatter.params ?? {}, statementInfo.parameters, parametersOf(views));
  const { title, description } = frontMatter;
  const columns = frontMatter.columns ? readColumns(file, frontMatter.columns, statementInfo) : [];
  const inline = isRowSelection(innerSelect(statement, views));
  return {
    name,
    path: file.path,
    title,
    description,
    parameters,
    views: [...views],
    columns,
    outputColumns: statementInfo.columns,
    inline,
    sql: file.sql.trim(),
  };
}

/** All rules as one view, told apart by `rule`. */
export function unionOfRules(rules: readonly View[]): View {
  const columns = ruleColumns.map(({ name }) => name).join(', ');
  const nullColumns = ruleColumns.map(({ name, type }) => `null::${type} as ${name}`).join(', ');
  const selects = rules.map(({ name }) => `select '${name}' as rule, ${columns} from ${name}`);
  return {
    name: foundIssues,
    path: 'sql/rules',
    title: 'Issues found',
    description: 'What the rules find in what was ingested.',
    parameters: parametersOf(rules),
    views: [...rules],
    columns: [],
    outputColumns: [{ name: 'rule', type: 'VARCHAR' }, ...ruleColumns],
    inline: false,
    sql:
      selects.length > 0 ? selects.join('\nunion all\n') : `select null::varchar as rule, ${nullColumns} where false`,
  };
}

/** These views and all they need, each once and after those it needs. */
export function topologicalOrder(views: readonly View[]): View[] {
  const ordered: View[] = [];
  for (const view of views) {
    for (const each of [...topologicalOrder(view.views), view])
      if (!ordered.some(({ name }) => name === each.name)) ordered.push(each);
  }
  return ordered;
}

/** Parameters of views, each once. */
export const parametersOf = (views: readonly View[]): Parameter[] => [
  ...new Map(views.flatMap(({ parameters }) => parameters).map((parameter) => [parameter.name, parameter])).values(),
];

/** Common table expressions of views, to stand in a `with`. */
export const viewCtes = (views: readonly View[]): string[] =>
  topologicalOrder(views).map(({ name, inline, sql }) => `${name} as ${inline ? 'not materialized ' : ''}(${sql}\n)`);

/** A report as the common table expression `report`, after its views. */
export const reportCte = ({ views, grouped, sql }: Pick<Report, 'views' | 'grouped' | 'sql'>): string =>
  `with ${[...viewCtes(views), `report as ${grouped ? 'materialized ' : ''}(${sql}\n)`].join(', ')}`;

/** A select over all rows of a report, and one beside it; both stand after {@link reportCte}. */
export const selectFromReport = (list: string): string => `select ${list} from report`;
export const selectScalar = (list: string): string => `select ${list}`;

/** The file's select with its views before it, and its lines still told as they are in the file. */
export function withViews(file: SqlFile, views: readonly View[]): SqlFile {
  if (views.length === 0) return file;
  const prefix = `with ${viewCtes(views).join(', ')} select * from (`;
  return { ...file, sql: `${prefix}${file.sql}\n)`, sqlLine: file.sqlLine - (prefix.split('\n').length - 1) };
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
    throw statementError(error, file.path, file.sqlLine, fallbackLine);
  }
}
