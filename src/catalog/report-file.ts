import type { Action, AnswerShape, Chart, Page, Report, ReportColumn, Sort } from './definitions.ts';
import type { Described, EngineView } from './engine-view.ts';
import { catalogFault, readMap, statementFault, type SqlFile } from './frontmatter.ts';
import { suggest } from './names.ts';
import { impliedParameters, readParameters } from './parameters.ts';
import { isGrouped } from './parse-tree.ts';
import { checkSubset } from './subset.ts';

interface Head {
  title: string;
  description: string;
  http?: string | string[];
  params?: Record<string, unknown>;
  columns: Record<string, unknown>;
  key: string[];
  sort: Sort;
  page: Page;
  answer: AnswerShape;
  chart?: Chart;
}

/** Reads one report and checks it whole against the engine: parameters, columns, names, SQL subset. */
export async function readReport(name: string, group: string, file: SqlFile, engine: EngineView): Promise<Report> {
  const head = readMap<Head>(
    file,
    [],
    file.head,
    {
      title: 'text', description: 'text', http: Array.isArray(file.head['http']) ? 'texts' : 'text', params: 'map',
      columns: 'map', key: 'texts', sort: 'map', page: 'map', answer: 'map', chart: 'map',
    },
    ['title', 'description', 'columns', 'key', 'sort', 'page', 'answer'],
  );
  const statement = await checkSubset(file, engine);
  const described = await describe(file, file.sql, engine);
  const columns = readColumns(file, head.columns, described);
  const names = columns.map((column) => column.name);
  const own = readParameters(file, head.params ?? {}, described.parameters);

  const oneOf = (value: string, at: readonly (string | number)[], known: readonly string[], what: string): void => {
    if (!known.includes(value)) {
      throw catalogFault(file.path, file.lineOf(at), `"${value}" is no ${what} of this report`, suggest(value, known));
    }
  };
  head.key.forEach((column, index) => oneOf(column, ['key', index], names, 'column'));
  const sort = readMap<Sort>(file, ['sort'], head.sort, { default: 'text', allow: 'texts' }, ['default', 'allow']);
  oneOf(sort.default.replace(/^-/, ''), ['sort', 'default'], names, 'column');
  sort.allow.forEach((column, index) => oneOf(column, ['sort', 'allow', index], names, 'column'));
  if (sort.allow.length > 0) oneOf(sort.default.replace(/^-/, ''), ['sort', 'default'], sort.allow, 'allowed sort');
  const page = readPage(file, head.page);
  if (page.kind !== 'none' && head.answer.shape !== 'object' && head.key.length === 0) {
    throw catalogFault(file.path, file.lineOf(['key']), 'pages need a key', 'Name the columns that tell rows apart.');
  }
  const answer = await readAnswer(file, head.answer, engine);
  if (answer.shape === 'list') {
    answer.echo.forEach((parameter, index) =>
      oneOf(parameter, ['answer', 'echo', index], own.map((item) => item.name), 'parameter'));
  }
  if (head.chart) {
    readMap(file, ['chart'], head.chart, { kind: 'text', x: 'text', y: 'text' }, ['kind', 'x', 'y']);
    oneOf(head.chart.kind, ['chart', 'kind'], ['bar', 'line'], 'kind of chart');
    oneOf(head.chart.x, ['chart', 'x'], names, 'column');
    oneOf(head.chart.y, ['chart', 'y'], names, 'column');
  }
  return {
    name,
    group,
    path: file.path,
    title: head.title,
    description: head.description,
    http: [head.http ?? []].flat(),
    parameters: [...own, ...impliedParameters(own, sort, page)],
    columns,
    key: head.key,
    sort,
    page,
    answer,
    grouped: isGrouped(statement),
    ...(head.chart ? { chart: head.chart } : {}),
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
  const described = await describe(file, file.sql, engine);
  const parameters = readParameters(file, head.params ?? {}, described.parameters);
  return { name, path: file.path, title: head.title, description: head.description, parameters, sql: file.sql.trim() };
}

async function describe(file: SqlFile, sql: string, engine: EngineView): Promise<Described> {
  try {
    return await engine.describe(sql);
  } catch (error) {
    throw statementFault(error, file.path, file.sqlLine);
  }
}

function readColumns(file: SqlFile, heads: Record<string, unknown>, described: Described): ReportColumn[] {
  const inSql = described.columns.map((column) => column.name);
  for (const name of Object.keys(heads)) {
    if (!inSql.includes(name)) {
      throw catalogFault(file.path, file.lineOf(['columns', name]), `the SQL answers no column "${name}"`, suggest(name, inSql));
    }
  }
  return described.columns.map(({ name, type }): ReportColumn => {
    if (!(name in heads)) {
      throw catalogFault(file.path, file.lineOf(['columns']), `column "${name}" is not described`, 'Add it under columns.');
    }
    const head = readMap<{ description: string; unit?: string; nullable?: boolean }>(
      file,
      ['columns', name],
      heads[name],
      { description: 'text', unit: 'text', nullable: 'flag' },
      ['description'],
    );
    return { ...head, name, type, nullable: head.nullable ?? false };
  });
}

function readPage(file: SqlFile, value: Page): Page {
  const page = readMap<Page>(file, ['page'], value, { kind: 'text', default: 'number', max: 'number' }, ['kind']);
  const kinds = ['limit', 'take_skip', 'none'];
  if (!kinds.includes(page.kind)) {
    throw catalogFault(file.path, file.lineOf(['page', 'kind']), `unknown kind of page "${page.kind}"`, suggest(page.kind, kinds));
  }
  if (page.kind === 'none') return page;
  readMap(file, ['page'], value, { kind: 'text', default: 'number', max: 'number' }, ['default', 'max']);
  if (!Number.isInteger(page.default) || page.default < 1 || page.default > page.max) {
    throw catalogFault(file.path, file.lineOf(['page', 'default']), `a page of ${page.default} rows`, `Give a whole number from 1 to ${page.max}.`);
  }
  return page;
}

async function readAnswer(file: SqlFile, value: AnswerShape, engine: EngineView): Promise<AnswerShape> {
  const answer = readMap<{ shape: string; key?: string; echo?: string[]; totals?: Record<string, unknown> }>(
    file,
    ['answer'],
    value,
    { shape: 'text', key: 'text', echo: 'texts', totals: 'map' },
    ['shape'],
  );
  if (answer.shape === 'tinybird' || answer.shape === 'object') return { shape: answer.shape };
  if (answer.shape !== 'list') {
    throw catalogFault(file.path, file.lineOf(['answer', 'shape']), `unknown shape "${answer.shape}"`,
      suggest(answer.shape, ['tinybird', 'list', 'object']));
  }
  const totals = Object.fromEntries(Object.entries(answer.totals ?? {}).map(([name, sql]) => [name, String(sql)]));
  for (const [name, sql] of Object.entries(totals)) {
    const whole = `with report as (${file.sql}\n) select ${sql} from report`;
    try {
      await engine.describe(whole);
    } catch (error) {
      throw catalogFault(file.path, file.lineOf(['answer', 'totals', name]), (error as Error).message.split('\n')[0] ?? '');
    }
    await checkSubset({ ...file, sql: whole, sqlLine: file.lineOf(['answer', 'totals', name]) - file.sql.split('\n').length }, engine);
  }
  return { shape: 'list', key: answer.key ?? 'data', echo: answer.echo ?? [], totals };
}
