import { readColumns } from './columns.ts';
import type { Parameter, Report, View } from './definitions.ts';
import type { Described, EngineView, Typed } from './engine-view.ts';
import { catalogFault, readMap, statementFault, type SqlFile } from './frontmatter.ts';
import { readParameters } from './parameters.ts';
import { picksRows, type Node } from './parse-tree.ts';
import { checkSubset } from './subset.ts';

/** Name under which reports read what all rules found. */
export const foundIssues = 'found_issues';

/** What every rule answers, in this order. */
const ruleColumns: readonly Typed[] = [
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
export async function readRule(name: string, file: SqlFile, views: readonly View[], engine: EngineView): Promise<View> {
  const view = await readView(name, file, views, engine);
  const wanted = ruleColumns.map((column) => `${column.name} ${column.type.toLowerCase()}`).join(', ');
  const answered = view.answers.map((column) => `${column.name} ${column.type.toLowerCase()}`).join(', ');
  if (answered !== wanted)
    throw catalogFault(file.path, file.sqlLine, `a rule that answers ${answered}`, `Answer ${wanted}.`);
  return view;
}

/** Reads one view and checks it whole against the engine. */
export async function readView(name: string, file: SqlFile, views: readonly View[], engine: EngineView): Promise<View> {
  const head = readMap<{
    title: string;
    description: string;
    params?: Record<string, unknown>;
    columns?: Record<string, unknown>;
  }>(file, [], file.head, { title: 'text', description: 'text', params: 'map', columns: 'map' }, [
    'title',
    'description',
  ]);
  const whole = withViews(file, views);
  const statement = await checkSubset(whole, engine);
  const described = await describe(whole, engine, file.sqlLine);
  const parameters = readParameters(file, head.params ?? {}, described.parameters, parametersOf(views));
  const { title, description } = head;
  const columns = head.columns ? readColumns(file, head.columns, described) : [];
  const inPlace = picksRows(ownSelect(statement, views));
  return {
    name,
    path: file.path,
    title,
    description,
    parameters,
    views: [...views],
    columns,
    answers: described.columns,
    inPlace,
    sql: file.sql.trim(),
  };
}

/** All rules as one view, told apart by `rule`. */
export function unionOf(rules: readonly View[]): View {
  const columns = ruleColumns.map(({ name }) => name).join(', ');
  const nothing = ruleColumns.map(({ name, type }) => `null::${type} as ${name}`).join(', ');
  const selects = rules.map(({ name }) => `select '${name}' as rule, ${columns} from ${name}`);
  return {
    name: foundIssues,
    path: 'sql/rules',
    title: 'Issues found',
    description: 'What the rules find in what was ingested.',
    parameters: parametersOf(rules),
    views: [...rules],
    columns: [],
    answers: [{ name: 'rule', type: 'VARCHAR' }, ...ruleColumns],
    inPlace: false,
    sql: selects.length > 0 ? selects.join('\nunion all\n') : `select null::varchar as rule, ${nothing} where false`,
  };
}

/** These views and all they need, each once and after those it needs. */
export function inOrder(views: readonly View[]): View[] {
  const ordered: View[] = [];
  for (const view of views) {
    for (const each of [...inOrder(view.views), view])
      if (!ordered.some(({ name }) => name === each.name)) ordered.push(each);
  }
  return ordered;
}

/** Parameters of views, each once. */
export const parametersOf = (views: readonly View[]): Parameter[] => [
  ...new Map(views.flatMap(({ parameters }) => parameters).map((parameter) => [parameter.name, parameter])).values(),
];

/** Common table expressions of views, to stand in a `with`. */
export const expressionsOf = (views: readonly View[]): string[] =>
  inOrder(views).map(({ name, inPlace, sql }) => `${name} as ${inPlace ? 'not materialized ' : ''}(${sql}\n)`);

/** A report as the common table expression `report`, after its views. */
export const asReport = ({ views, grouped, sql }: Pick<Report, 'views' | 'grouped' | 'sql'>): string =>
  `with ${[...expressionsOf(views), `report as ${grouped ? 'materialized ' : ''}(${sql}\n)`].join(', ')}`;

/** A select over all rows of a report, and one beside it; both stand after {@link asReport}. */
export const overAll = (list: string): string => `select ${list} from report`;
export const onItsOwn = (list: string): string => `select ${list}`;

/** The file's select with its views before it, and its lines still told as they are in the file. */
export function withViews(file: SqlFile, views: readonly View[]): SqlFile {
  if (views.length === 0) return file;
  const before = `with ${expressionsOf(views).join(', ')} select * from (`;
  return { ...file, sql: `${before}${file.sql}\n)`, sqlLine: file.sqlLine - (before.split('\n').length - 1) };
}

/** The file's own select in what {@link withViews} makes of it. */
function ownSelect(statement: Node, views: readonly View[]): Node {
  const select = statement['node'] as Node;
  return views.length === 0 ? select : (((select['from_table'] as Node)['subquery'] as Node)['node'] as Node);
}

/** @param otherwise the line of a fault DuckDB tells no line of */
export async function describe(file: SqlFile, engine: EngineView, otherwise = file.sqlLine): Promise<Described> {
  try {
    return await engine.describe(file.sql);
  } catch (error) {
    throw statementFault(error, file.path, file.sqlLine, otherwise);
  }
}
