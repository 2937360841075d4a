import { readAnswer } from './answer-shape.ts';
import { readColumns } from './columns.ts';
import {
  answered,
  optionalIn,
  type Action,
  type Chart,
  type Page,
  type Report,
  type Sort,
  type View,
} from './definitions.ts';
import type { EngineView, Typed } from './engine-view.ts';
import { catalogFault, readMap, type SqlFile } from './frontmatter.ts';
import { suggest } from '../text/names.ts';
import { forecastName, impliedParameters, namesOfForecasts, readParameters } from './parameters.ts';
import { isGrouped } from './parse-tree.ts';
import { readPaths } from './routes.ts';
import { checkSubset } from './subset.ts';
import { describe, expressionsOf, inOrder, parametersOf, withViews } from './views.ts';

interface Head {
  title: string;
  description: string;
  http?: string | string[];
  params?: Record<string, unknown>;
  columns: Record<string, unknown>;
  key: string[];
  sort: Sort;
  page: Page;
  answer: Record<string, unknown>;
  table?: string[];
  chart?: Chart;
  explain?: string;
  scope?: Report['scope'];
  forecast?: unknown;
}

/** What a report names in other files. */
interface Beside {
  views: readonly View[];
  forecast: Report['forecast'];
}

/** Reads one report and checks it whole against the engine: parameters, columns, names, SQL subset. */
export async function readReport(
  name: string,
  group: string,
  file: SqlFile,
  { views, forecast }: Beside,
  engine: EngineView,
): Promise<Report> {
  // Its pipe's path must not read as a pattern.
  if (/[\s.:*()?#%{}\\]/.test(name))
    throw catalogFault(
      file.path,
      1,
      `"${name}" can't be the name of a report`,
      'Name the file without blanks, dots and : * ( ) ? # % { } \\.',
    );
  const head = readMap<Head>(
    file,
    [],
    file.head,
    {
      title: 'text',
      description: 'text',
      http: Array.isArray(file.head['http']) ? 'texts' : 'text',
      params: 'map',
      columns: 'map',
      key: 'texts',
      sort: 'map',
      page: 'map',
      answer: 'map',
      table: 'texts',
      chart: 'map',
      explain: 'text',
      scope: 'text',
      forecast: 'map',
    },
    ['title', 'description', 'columns', 'key', 'sort', 'page', 'answer'],
  );
  const whole = withViews(file, views);
  const statement = await checkSubset(whole, engine);
  const described = await describe(whole, engine, file.sqlLine);
  const columns = readColumns(file, head.columns, described);
  const names = columns.map((column) => column.name);
  const series = forecast ? [forecast.series] : [];
  const all = readParameters(file, head.params ?? {}, described.parameters, parametersOf([...views, ...series]));
  checkForecast(file, described.parameters, forecast?.series);
  const inSql = described.parameters.map((parameter) => parameter.name);
  const own = all
    .filter((parameter) => parameter.name !== forecastName)
    .map((parameter) => ({ ...parameter, inSql: inSql.includes(parameter.name) }));

  const oneOf = (value: string, at: readonly (string | number)[], known: readonly string[], what: string): void => {
    if (!known.includes(value)) {
      throw catalogFault(file.path, file.lineOf(at), `"${value}" is no ${what} of this report`, suggest(value, known));
    }
  };
  head.key.forEach((column, index) => oneOf(column, ['key', index], names, 'column'));
  const sort = readMap<Sort>(file, ['sort'], head.sort, { default: 'text', allow: 'texts', split: 'flag' }, [
    'default',
    'allow',
  ]);
  oneOf(sort.default.replace(/^-/, ''), ['sort', 'default'], names, 'column');
  sort.allow.forEach((column, index) => oneOf(column, ['sort', 'allow', index], names, 'column'));
  if (sort.allow.length > 0) oneOf(sort.default.replace(/^-/, ''), ['sort', 'default'], sort.allow, 'allowed sort');
  const page = readPage(file, head.page);
  if (page.kind !== 'none' && head.answer['shape'] !== 'object' && head.key.length === 0) {
    throw catalogFault(file.path, file.lineOf(['key']), 'pages need a key', 'Name the columns that tell rows apart.');
  }
  const shown = answered({ columns }).map((column) => column.name);
  const answer = await readAnswer(file, head.answer, {
    columns: shown,
    optional: optionalIn({ columns }),
    parameters: own.map((parameter) => parameter.name),
    views,
    engine,
  });
  if (head.scope !== undefined && !['read', 'admin'].includes(head.scope))
    throw catalogFault(file.path, file.lineOf(['scope']), `unknown scope "${head.scope}"`, 'Accepted: read, admin.');
  head.table?.forEach((column, index) => oneOf(column, ['table', index], shown, 'column'));
  if (head.chart) {
    readMap(
      file,
      ['chart'],
      head.chart,
      { kind: 'text', x: 'text', y: 'text', forecast: 'text', low: 'text', high: 'text' },
      ['kind'],
    );
    oneOf(head.chart.kind, ['chart', 'kind'], ['bar', 'line', 'fan'], 'kind of chart');
    const axes = head.chart.kind === 'fan' ? ['x', 'y', 'forecast', 'low', 'high'] : ['x', 'y'];
    const columnsOf = readMap<Record<string, string>>(
      file,
      ['chart'],
      head.chart,
      Object.fromEntries(['kind', ...axes].map((key) => [key, 'text'])),
      axes,
    );
    for (const axis of axes) oneOf(columnsOf[axis]!, ['chart', axis], shown, 'column');
  }
  const http = readPaths(
    file,
    name,
    head.http ?? [],
    own.map((parameter) => parameter.name),
  );
  return {
    name,
    group,
    path: file.path,
    title: head.title,
    description: head.description,
    http,
    parameters: [
      ...own,
      ...impliedParameters(own, forecast ? inOrder(views).map((view) => view.name) : [], sort, page),
    ],
    columns,
    key: head.key,
    sort,
    page,
    answer,
    grouped: isGrouped(statement),
    tableFirst: head.table ?? [],
    scope: head.scope ?? 'read',
    ...(head.chart ? { chart: head.chart } : {}),
    ...(head.explain ? { explain: head.explain } : {}),
    ...(forecast ? { forecast } : {}),
    views: inOrder(views),
    tables: [...new Set([whole.sql, ...series.map(allOf)].flatMap((sql) => engine.tablesNamed(sql) ?? []))],
    sql: file.sql.trim(),
  };
}

/** Reads one write; its SQL is prepared, not run. */
export async function readAction(name: string, file: SqlFile, engine: EngineView): Promise<Action> {
  const head = readMap<{ title: string; description: string; params?: Record<string, unknown> }>(
    file,
    [],
    file.head,
    { title: 'text', description: 'text', params: 'map' },
    ['title', 'description'],
  );
  const described = await describe(file, engine);
  const parameters = readParameters(file, head.params ?? {}, described.parameters);
  return { name, path: file.path, title: head.title, description: head.description, parameters, sql: file.sql.trim() };
}

/** All rows of a view. */
const allOf = (view: View): string => `with ${expressionsOf([view]).join(', ')} select * from ${view.name}`;

/** What is forecast can be read only by a report that says of which series, and must be by it. */
function checkForecast(file: SqlFile, inSql: readonly Typed[], series: View | undefined): void {
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
  const taken = [...inSql, ...series.parameters].find(({ name }) => namesOfForecasts.includes(name));
  if (taken)
    throw catalogFault(
      file.path,
      file.lineOf(['params', taken.name]),
      `"${taken.name}" is a parameter of every forecast`,
      'Choose another name.',
    );
}

function readPage(file: SqlFile, value: Page): Page {
  const page = readMap<Page>(file, ['page'], value, { kind: 'text', default: 'number', max: 'number' }, ['kind']);
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
  readMap(file, ['page'], value, { kind: 'text', default: 'number', max: 'number' }, ['default', 'max']);
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
