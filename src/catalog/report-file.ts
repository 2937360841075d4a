import { suggest } from '../text/names.ts';
import { readAnswer } from './answer-shape.ts';
import type { CatalogDatabase, NamedType } from './catalog-database.ts';
import { readColumns } from './columns.ts';
import {
  optionalColumns,
  outputColumns,
  type Action,
  type Chart,
  type Page,
  type Report,
  type Sort,
  type View,
} from './definitions.ts';
import { catalogFault, validateObject, type SqlFile } from './front-matter.ts';
import { forecastName, forecastParameterNames, impliedParameters, readParameters } from './parameters.ts';
import { isGrouped } from './parse-tree.ts';
import { checkPortability } from './portability.ts';
import { readPaths } from './routes.ts';
import { describeStatement } from './view-file.ts';
import { parametersOf, topologicalOrder, viewCtes, withViews } from './views.ts';

interface ReportFrontMatter {
  title: string;
  description: string;
  details?: string[];
  http?: string | string[];
  params?: Record<string, unknown>;
  columns: Record<string, unknown>;
  key: string[];
  sort: Sort;
  page: Page;
  answer: Record<string, unknown>;
  leading_columns?: string[];
  chart?: Chart;
  explain?: string;
  scope?: Report['scope'];
  forecast?: unknown;
}

/** What a report names in other files. */
interface ReportReferences {
  views: readonly View[];
  forecast: Report['forecast'];
}

/** Reads one report and checks it whole against DuckDB: parameters, columns, names, SQL subset. */
export async function readReport(
  name: string,
  group: string,
  file: SqlFile,
  { views, forecast }: ReportReferences,
  database: CatalogDatabase,
): Promise<Report> {
  // Its pipe's path must not read as a pattern.
  if (/[\s.:*()?#%{}\\]/.test(name))
    throw catalogFault(
      file.path,
      1,
      `"${name}" can't be the name of a report`,
      'Name the file without blanks, dots and : * ( ) ? # % { } \\.',
    );
  const frontMatter = validateObject<ReportFrontMatter>(
    file,
    [],
    file.frontMatter,
    {
      title: 'text',
      description: 'text',
      details: 'texts',
      http: Array.isArray(file.frontMatter['http']) ? 'texts' : 'text',
      params: 'map',
      columns: 'map',
      key: 'texts',
      sort: 'map',
      page: 'map',
      answer: 'map',
      leading_columns: 'texts',
      chart: 'map',
      explain: 'text',
      scope: 'text',
      forecast: 'map',
    },
    ['title', 'description', 'columns', 'key', 'sort', 'page', 'answer'],
  );
  const expandedFile = withViews(file, views);
  const statement = await checkPortability(expandedFile, database);
  const statementInfo = await describeStatement(expandedFile, database, file.sqlLine);
  const columns = readColumns(file, frontMatter.columns, statementInfo);
  const names = columns.map((column) => column.name);
  const series = forecast ? [forecast.series] : [];
  const allParameters = readParameters(
    file,
    frontMatter.params ?? {},
    statementInfo.parameters,
    parametersOf([...views, ...series]),
  );
  checkForecast(file, statementInfo.parameters, forecast?.series);
  const inSql = statementInfo.parameters.map((parameter) => parameter.name);
  const ownParameters = allParameters
    .filter((parameter) => parameter.name !== forecastName)
    .map((parameter) => ({ ...parameter, inSql: inSql.includes(parameter.name) }));

  const assertOneOf = (
    value: string,
    keyPath: readonly (string | number)[],
    known: readonly string[],
    what: string,
  ): void => {
    if (!known.includes(value)) {
      throw catalogFault(
        file.path,
        file.lineOf(keyPath),
        `"${value}" is no ${what} of this report`,
        suggest(value, known),
      );
    }
  };
  frontMatter.key.forEach((column, index) => assertOneOf(column, ['key', index], names, 'column'));
  const sort = validateObject<Sort>(
    file,
    ['sort'],
    frontMatter.sort,
    { default: 'text', allow: 'texts', split: 'flag' },
    ['default', 'allow'],
  );
  assertOneOf(sort.default.replace(/^-/, ''), ['sort', 'default'], names, 'column');
  sort.allow.forEach((column, index) => assertOneOf(column, ['sort', 'allow', index], names, 'column'));
  if (sort.allow.length > 0)
    assertOneOf(sort.default.replace(/^-/, ''), ['sort', 'default'], sort.allow, 'allowed sort');
  const page = readPage(file, frontMatter.page);
  if (page.kind !== 'none' && frontMatter.answer['shape'] !== 'object' && frontMatter.key.length === 0) {
    throw catalogFault(file.path, file.lineOf(['key']), 'pages need a key', 'Name the columns that tell rows apart.');
  }
  const outputNames = outputColumns({ columns }).map((column) => column.name);
  const answer = await readAnswer(file, frontMatter.answer, {
    columns: outputNames,
    optional: optionalColumns({ columns }),
    parameters: ownParameters.map((parameter) => parameter.name),
    views,
    database,
  });
  if (frontMatter.scope !== undefined && !['read', 'admin'].includes(frontMatter.scope))
    throw catalogFault(
      file.path,
      file.lineOf(['scope']),
      `unknown scope "${frontMatter.scope}"`,
      'Accepted: read, admin.',
    );
  frontMatter.leading_columns?.forEach((column, index) =>
    assertOneOf(column, ['leading_columns', index], outputNames, 'column'),
  );
  if (frontMatter.chart) {
    validateObject(
      file,
      ['chart'],
      frontMatter.chart,
      { kind: 'text', x: 'text', y: 'text', forecast: 'text', low: 'text', high: 'text' },
      ['kind'],
    );
    assertOneOf(frontMatter.chart.kind, ['chart', 'kind'], ['bar', 'line', 'fan'], 'kind of chart');
    const axes = frontMatter.chart.kind === 'fan' ? ['x', 'y', 'forecast', 'low', 'high'] : ['x', 'y'];
    const axisColumns = validateObject<Record<string, string>>(
      file,
      ['chart'],
      frontMatter.chart,
      Object.fromEntries(['kind', ...axes].map((key) => [key, 'text'])),
      axes,
    );
    for (const axis of axes) assertOneOf(axisColumns[axis]!, ['chart', axis], outputNames, 'column');
  }
  const http = readPaths(
    file,
    name,
    frontMatter.http ?? [],
    ownParameters.map((parameter) => parameter.name),
  );
  return {
    name,
    group,
    path: file.path,
    title: frontMatter.title,
    description: frontMatter.description,
    details: frontMatter.details ?? [],
    http,
    parameters: [
      ...ownParameters,
      ...impliedParameters(ownParameters, forecast ? topologicalOrder(views).map((view) => view.name) : [], sort, page),
    ],
    columns,
    key: frontMatter.key,
    sort,
    page,
    answer,
    grouped: isGrouped(statement),
    leadingColumns: frontMatter.leading_columns ?? [],
    scope: frontMatter.scope ?? 'read',
    ...(frontMatter.chart ? { chart: frontMatter.chart } : {}),
    ...(frontMatter.explain ? { explain: frontMatter.explain } : {}),
    ...(forecast ? { forecast } : {}),
    views: topologicalOrder(views),
    tables: [
      ...new Set([expandedFile.sql, ...series.map(selectAll)].flatMap((sql) => database.tableNamesIn(sql) ?? [])),
    ],
    sql: file.sql.trim(),
  };
}

/** Reads one write; its SQL is prepared, not run. */
export async function readAction(name: string, file: SqlFile, database: CatalogDatabase): Promise<Action> {
  const frontMatter = validateObject<{
    title: string;
    description: string;
    details?: string[];
    params?: Record<string, unknown>;
  }>(file, [], file.frontMatter, { title: 'text', description: 'text', details: 'texts', params: 'map' }, [
    'title',
    'description',
  ]);
  const statementInfo = await describeStatement(file, database);
  const parameters = readParameters(file, frontMatter.params ?? {}, statementInfo.parameters);
  const { title, description, details = [] } = frontMatter;
  return { name, path: file.path, title, description, details, parameters, sql: file.sql.trim() };
}

/** All rows of a view. */
const selectAll = (view: View): string => `with ${viewCtes([view]).join(', ')} select * from ${view.name}`;

/** What is forecast can be read only by a report that says of which series, and must be by it. */
function checkForecast(file: SqlFile, inSql: readonly NamedType[], series: View | undefined): void {
  const isRead = inSql.some(({ name }) => name === forecastName);
  if (isRead && !series)
    throw catalogFault(
      file.path,
      file.sqlLine,
      'it reads a forecast of nothing',
      'Name the view of a daily series: forecast: { series: … }.',
    );
  if (!series) return;
  if (!isRead)
    throw catalogFault(
      file.path,
      file.lineOf(['forecast']),
      'it does not read the forecast',
      'Select from forecast_totals, forecast_days or forecast_models.',
    );
  for (const { name, type } of inSql) {
    const other = series.parameters.find((parameter) => parameter.name === name);
    if (other && other.type !== type)
      throw catalogFault(
        file.path,
        file.sqlLine,
        `parameter $${name} is ${type} here, and ${other.type} in ${series.name}`,
        'Give both one type.',
      );
  }
  const conflict = [...inSql, ...series.parameters].find(({ name }) => forecastParameterNames.includes(name));
  if (conflict)
    throw catalogFault(
      file.path,
      file.lineOf(['params', conflict.name]),
      `"${conflict.name}" is a parameter of every forecast`,
      'Choose another name.',
    );
}

function readPage(file: SqlFile, value: Page): Page {
  const page = validateObject<Page>(file, ['page'], value, { kind: 'text', default: 'number', max: 'number' }, [
    'kind',
  ]);
  const kinds = ['limit', 'take_skip', 'none'];
  if (!kinds.includes(page.kind)) {
    throw catalogFault(
      file.path,
      file.lineOf(['page', 'kind']),
      `unknown kind of page "${page.kind}"`,
      suggest(page.kind, kinds),
    );
  }
  if (page.kind === 'none') return page;
  validateObject(file, ['page'], value, { kind: 'text', default: 'number', max: 'number' }, ['default', 'max']);
  if (!Number.isInteger(page.default) || page.default < 1 || page.default > page.max) {
    throw catalogFault(
      file.path,
      file.lineOf(['page', 'default']),
      `a page of ${page.default} rows`,
      `Give a whole number from 1 to ${page.max}.`,
    );
  }
  return page;
}
