import { suggest } from '../text/names.ts';
import { readAnswer } from './answer-shape.ts';
import { readCharts } from './chart-front-matter.ts';
import type { CatalogDatabase, NamedType } from './catalog-database.ts';
import { readColumns } from './columns.ts';
import { isComparable, isMeasure } from './compared-columns.ts';
import {
  listFields,
  optionalColumns,
  outputColumns,
  type Action,
  type AnswerShape,
  type Page,
  type Report,
  type Sort,
  type View,
} from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { forecastName, forecastParameterNames, impliedParameters, readParameters } from './parameters.ts';
import { withBoundAliases } from './period-parameters.ts';
import { isGrouped } from './parse-tree.ts';
import { checkPortability } from './portability.ts';
import { readPaths } from './routes.ts';
import { sqlFileError } from './sql-text.ts';
import { describeStatement } from './view-file.ts';
import { parametersOf, readsScanFrom, topologicalOrder, viewCtes, withConditions, withViews } from './views.ts';

interface ReportFrontMatter {
  title: string;
  summary?: string;
  listing?: Report['listing'];
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
  total?: string[];
  chart?: unknown;
  explain?: string;
  scope?: Report['scope'];
  notes?: string[];
  forecast?: unknown;
  scan_from?: string;
}

/** Definitions in other files that a report uses. */
interface ReportReferences {
  views: readonly View[];
  notes: readonly View[];
  forecast: Report['forecast'];
}

/** Reads one report and checks all of it with DuckDB: parameters, columns, names and portability. */
export async function readReport(
  name: string,
  group: string,
  file: SqlFile,
  { views, notes, forecast }: ReportReferences,
  database: CatalogDatabase,
): Promise<Report> {
  // The name is part of a route, where these characters have a meaning.
  if (/[\s.:*()?#%{}\\]/.test(name)) throw sqlFileError(file.path, 1, 'sql_file_invalid_report_name', { name });
  const frontMatter = validateObject<ReportFrontMatter>(
    file,
    [],
    file.frontMatter,
    {
      title: 'text',
      summary: 'text',
      listing: 'text',
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
      total: 'texts',
      chart: Array.isArray(file.frontMatter['chart']) ? 'list' : 'map',
      explain: 'text',
      scope: 'text',
      notes: 'texts',
      forecast: 'map',
      scan_from: 'text',
    },
    ['title', 'description', 'columns', 'key', 'sort', 'page', 'answer'],
  );
  const scanFrom = frontMatter.scan_from;
  if (scanFrom !== undefined && !readsScanFrom(views))
    throw sqlFileError(file.path, file.lineOf(['scan_from']), 'sql_file_unused_scan_from');
  const expandedFile = withViews(file, views, scanFrom);
  const statement = await checkPortability(expandedFile, database);
  const statementInfo = await describeStatement(expandedFile, database, file.sqlLine);
  const columns = readColumns(file, frontMatter.columns, statementInfo);
  const names = columns.map((column) => column.name);
  const series = forecast ? [forecast.series] : [];
  const allParameters = readParameters(
    file,
    frontMatter.params ?? {},
    statementInfo.parameters,
    parametersOf([...views, ...series, ...withConditions(notes)]),
  );
  checkForecast(file, statementInfo.parameters, forecast?.series);
  const inSql = statementInfo.parameters.map((parameter) => parameter.name);
  const ownParameters = allParameters
    .filter((parameter) => parameter.name !== forecastName)
    .map((parameter) => ({ ...parameter, inSql: inSql.includes(parameter.name) }));

  const assertColumn = (
    column: string,
    keyPath: readonly (string | number)[],
    known: readonly string[] = names,
  ): void => {
    if (!known.includes(column)) {
      throw sqlFileError(file.path, file.lineOf(keyPath), 'sql_file_unknown_column', {
        column,
        object: 'this report',
        suggestion: suggest(column, known),
      });
    }
  };
  frontMatter.key.forEach((column, index) => assertColumn(column, ['key', index]));
  const sort = validateObject<Sort>(
    file,
    ['sort'],
    frontMatter.sort,
    { default: 'text', allow: 'texts', split: 'flag' },
    ['default', 'allow'],
  );
  assertColumn(sort.default.replace(/^-/, ''), ['sort', 'default']);
  sort.allow.forEach((column, index) => assertColumn(column, ['sort', 'allow', index]));
  if (sort.allow.length > 0) assertChoice(file, ['sort', 'default'], sort.default.replace(/^-/, ''), sort.allow);
  const page = readPage(file, frontMatter.page);
  if (page.kind !== 'none' && frontMatter.answer['shape'] !== 'object' && frontMatter.key.length === 0) {
    throw sqlFileError(file.path, file.lineOf(['key']), 'sql_file_page_without_key');
  }
  const outputNames = outputColumns({ columns }).map((column) => column.name);
  const answer = await readAnswer(file, frontMatter.answer, {
    columns: outputNames,
    optional: optionalColumns({ columns }),
    parameters: ownParameters.map((parameter) => parameter.name),
    views,
    database,
  });
  if (frontMatter.listing !== undefined) assertChoice(file, ['listing'], frontMatter.listing, ['top', 'helper']);
  if (frontMatter.scope !== undefined) assertChoice(file, ['scope'], frontMatter.scope, ['read', 'admin']);
  frontMatter.leading_columns?.forEach((column, index) =>
    assertColumn(column, ['leading_columns', index], outputNames),
  );
  frontMatter.total?.forEach((column, index) => {
    assertColumn(column, ['total', index], outputNames);
    if (
      !isMeasure(
        frontMatter,
        columns.find(({ name }) => name === column)!,
      )
    )
      throw sqlFileError(file.path, file.lineOf(['total', index]), 'sql_file_total_not_number', { column });
  });
  const grouped = isGrouped(statement);
  const http = readPaths(
    file,
    name,
    frontMatter.http ?? [],
    ownParameters.map((parameter) => parameter.name),
  );
  const parameters = [
    ...withBoundAliases(ownParameters),
    ...impliedParameters(ownParameters, forecast ? topologicalOrder(views).map((view) => view.name) : [], sort, page, {
      isComparable: isComparable({ columns, key: frontMatter.key, grouped }),
      hasTotal: canShowTotal(answer, frontMatter),
    }),
  ];
  const charts = readCharts(file, frontMatter.chart, {
    columns: outputColumns({ columns }),
    key: frontMatter.key,
    parameters,
    answer,
  });
  return {
    name,
    group,
    path: file.path,
    title: frontMatter.title,
    ...(frontMatter.summary === undefined ? {} : { summary: frontMatter.summary }),
    ...(frontMatter.listing === undefined ? {} : { listing: frontMatter.listing }),
    description: frontMatter.description,
    details: frontMatter.details ?? [],
    http,
    parameters,
    columns,
    key: frontMatter.key,
    sort,
    page,
    answer,
    grouped,
    leadingColumns: frontMatter.leading_columns ?? [],
    additive: frontMatter.total ?? [],
    scope: frontMatter.scope ?? 'read',
    charts,
    ...(frontMatter.explain ? { explain: frontMatter.explain } : {}),
    ...(forecast ? { forecast } : {}),
    ...(scanFrom === undefined ? {} : { scanFrom }),
    views: topologicalOrder(views),
    notes: [...notes],
    tables: [
      ...new Set(
        [expandedFile.sql, ...[...series, ...withConditions(notes)].map(selectAll)].flatMap(
          (sql) => database.tableNamesIn(sql) ?? [],
        ),
      ),
    ],
    sql: file.sql.trim(),
  };
}

/** Reads one action; its SQL is prepared but not run. */
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

/** Whether the answer has rows with a key to add up, and no other field of that name. */
function canShowTotal(answer: AnswerShape, { total = [], key }: Pick<ReportFrontMatter, 'total' | 'key'>): boolean {
  if (total.length === 0 || key.length === 0 || answer.shape === 'object') return false;
  if (answer.shape === 'tinybird') return true;
  return !listFields(answer).includes('total');
}

/** SQL that selects all rows of a view. */
const selectAll = (view: View): string => `with ${viewCtes([view]).join(', ')} select * from ${view.name}`;

/** Checks that a report reads a forecast exactly if it defines one, and that their parameters fit. */
function checkForecast(file: SqlFile, inSql: readonly NamedType[], series: View | undefined): void {
  const isRead = inSql.some(({ name }) => name === forecastName);
  if (isRead && !series) throw sqlFileError(file.path, file.sqlLine, 'sql_file_missing_forecast');
  if (!series) return;
  if (!isRead) throw sqlFileError(file.path, file.lineOf(['forecast']), 'sql_file_unused_forecast');
  for (const { name, type } of inSql) {
    const other = series.parameters.find((parameter) => parameter.name === name);
    if (other && other.type !== type)
      throw sqlFileError(file.path, file.sqlLine, 'sql_file_parameter_type_conflict', {
        parameter: `$${name}`,
        type,
        other_type: other.type,
        view: series.name,
      });
  }
  const conflict = [...inSql, ...series.parameters].find(({ name }) => forecastParameterNames.includes(name));
  if (conflict)
    throw sqlFileError(file.path, file.lineOf(['params', conflict.name]), 'sql_file_reserved_parameter', {
      name: conflict.name,
    });
}

function readPage(file: SqlFile, value: Page): Page {
  const page = validateObject<Page>(file, ['page'], value, { kind: 'text', default: 'number', max: 'number' }, [
    'kind',
  ]);
  assertChoice(file, ['page', 'kind'], page.kind, ['limit', 'take_skip', 'none']);
  if (page.kind === 'none') return page;
  validateObject(file, ['page'], value, { kind: 'text', default: 'number', max: 'number' }, ['default', 'max']);
  if (!Number.isInteger(page.default) || page.default < 1 || page.default > page.max) {
    throw sqlFileError(file.path, file.lineOf(['page', 'default']), 'sql_file_invalid_page_size', {
      value: page.default,
      max: page.max,
    });
  }
  return page;
}

function assertChoice(file: SqlFile, keyPath: readonly string[], value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) {
    throw sqlFileError(file.path, file.lineOf(keyPath), 'sql_file_invalid_choice', {
      key: keyPath.join('.'),
      value,
      suggestion: suggest(value, choices),
    });
  }
}
