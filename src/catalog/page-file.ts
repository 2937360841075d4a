import { suggest, toKebabCase, toSnakeCase } from '../text/names.ts';
import {
  boundRoles,
  linkTargets,
  outputColumns,
  tileSizes,
  type BoundRole,
  type LinkRole,
  type LinkTarget,
  type PageDefinition,
  type Parameter,
  type Report,
  type TileDefinition,
  type TileSize,
} from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { sqlFileError } from './sql-text.ts';

/** What the file of a page can refer to. */
export interface PageLookup {
  reports: readonly Report[];
  /** Names of the sources. */
  sources: readonly string[];
}

interface PageFile {
  title: string;
  menu?: string;
  order?: number;
  description?: string;
  path: string;
  needs: string[];
  tiles: unknown[];
}

interface TileFile {
  report: string;
  chart?: string | boolean;
  title?: string;
  text?: string;
  size?: string;
  params?: Record<string, unknown>;
  ignore?: string[];
  columns?: string[];
  rows?: number;
  needs?: string[];
  opens?: Record<string, unknown>;
  empty?: string;
  acknowledge?: boolean;
}

/** First parts of addresses that pages cannot have. */
const reservedAddresses = ['v0', 'api', 'docs', 'reports', 'tiles', 'assets', 'login', 'logout', 'metrics', 'static'];

const addressPattern = /^\/(?:[a-z0-9_-]+(?:\/[a-z0-9_-]+)*(?:\/\{\w+\})?)?$/;

/** Rows of a table, unless the file says otherwise, and at most. */
const [defaultRows, maxRows] = [10, 200];

/**
 * Reads the file of a page.
 * @throws WattduckError with the line of an unknown report, chart, parameter, column or source
 */
export function readPage(name: string, file: SqlFile, lookup: PageLookup): PageDefinition {
  const page = validateObject<PageFile>(
    file,
    [],
    file.frontMatter,
    {
      title: 'text',
      menu: 'text',
      order: 'number',
      description: 'text',
      path: 'text',
      needs: 'texts',
      tiles: 'list',
    },
    ['title', 'path', 'needs', 'tiles'],
  );
  const subject = readSubject(file, page.path);
  assertSources(file, ['needs'], page.needs, lookup.sources);
  if (page.tiles.length === 0) throw sqlFileError(file.path, file.lineOf(['tiles']), 'page_without_tiles');
  if (subject !== undefined && page.order !== undefined)
    throw sqlFileError(file.path, file.lineOf(['order']), 'page_order_with_subject', { address: page.path });
  return {
    name,
    path: file.path,
    title: page.title,
    ...(page.menu === undefined ? {} : { menu: page.menu }),
    ...(page.order === undefined ? {} : { order: page.order }),
    description: page.description ?? '',
    address: page.path,
    ...(subject === undefined ? {} : { subject }),
    needs: page.needs,
    tiles: page.tiles.map((tile, index) => readTile(file, ['tiles', index], tile, subject, lookup)),
  };
}

/** The role of the parameter in an address. */
function readSubject(file: SqlFile, address: string): LinkRole | undefined {
  const line = file.lineOf(['path']);
  const roles: readonly string[] = Object.values(linkTargets);
  const [, role] = /\{(\w+)\}$/.exec(address) ?? [];
  if (!addressPattern.test(address))
    throw sqlFileError(file.path, line, 'page_invalid_address', { address, roles: roles.join(', ') });
  if (reservedAddresses.includes(address.split('/')[1]!))
    throw sqlFileError(file.path, line, 'page_reserved_address', { address });
  if (role !== undefined && !roles.includes(role))
    throw sqlFileError(file.path, line, 'page_unknown_subject', { role, suggestion: suggest(role, roles) });
  return role as LinkRole | undefined;
}

type KeyPath = readonly (string | number)[];

function readTile(
  file: SqlFile,
  keyPath: KeyPath,
  value: unknown,
  subject: LinkRole | undefined,
  { reports, sources }: PageLookup,
): TileDefinition {
  const lineOf = (...path: KeyPath): number => file.lineOf([...keyPath, ...path]);
  const hasChartName = typeof (value as Partial<TileFile> | null)?.chart !== 'boolean';
  const tile = validateObject<TileFile>(
    file,
    keyPath,
    value,
    {
      report: 'text',
      chart: hasChartName ? 'text' : 'flag',
      title: 'text',
      text: 'text',
      size: 'text',
      params: 'map',
      ignore: 'texts',
      columns: 'texts',
      rows: 'number',
      needs: 'texts',
      opens: 'map',
      empty: 'text',
      acknowledge: 'flag',
    },
    ['report'],
  );
  const report = findReport(file, [...keyPath, 'report'], tile.report, reports);
  const view = tile.chart === false || report.charts.length === 0 ? 'table' : 'chart';
  if (typeof tile.chart === 'string') assertChart(file, [...keyPath, 'chart'], report, tile.chart);
  if (tile.chart === true && report.charts.length === 0)
    throw sqlFileError(file.path, lineOf('chart'), 'page_report_without_chart', { report: tile.report });
  const chart = report.charts.find(
    ({ name }) => tile.chart === undefined || tile.chart === true || name === tile.chart,
  );
  const params = readParams(file, [...keyPath, 'params'], tile.params ?? {}, report);
  const ignore = choices<BoundRole>(file, [...keyPath, 'ignore'], tile.ignore ?? [], boundRoles);
  if (subject !== undefined && !hasRole(report, subject))
    throw sqlFileError(file.path, lineOf('report'), 'page_report_without_subject', {
      report: tile.report,
      role: subject,
    });
  assertRequired(file, lineOf('report'), report, subject, params);
  const size = tile.size ?? (view === 'chart' && chart?.kind === 'number' ? 'figure' : 'half');
  const [readSize] = choices<TileSize>(file, [...keyPath, 'size'], [size], tileSizes, false);
  if (tile.rows !== undefined && !(Number.isInteger(tile.rows) && tile.rows >= 1 && tile.rows <= maxRows))
    throw sqlFileError(file.path, lineOf('rows'), 'sql_file_invalid_type', {
      key: [...keyPath, 'rows'].join('.'),
      expected: `an integer from 1 to ${maxRows}`,
      value: tile.rows,
    });
  assertSources(file, [...keyPath, 'needs'], tile.needs ?? [], sources);
  const columns = outputColumns(report).map((column) => column.name);
  tile.columns?.forEach((column, index) => assertColumn(file, [...keyPath, 'columns', index], column, columns));
  const opens = Object.entries(tile.opens ?? {}).map(([column, target]): [string, LinkTarget] => {
    assertColumn(file, [...keyPath, 'opens', column], column, columns);
    const targets = Object.keys(linkTargets) as LinkTarget[];
    return [column, choices<LinkTarget>(file, [...keyPath, 'opens', column], [String(target)], targets, false)[0]!];
  });
  if (tile.acknowledge === true && !columns.includes('issue_id'))
    throw sqlFileError(file.path, lineOf('acknowledge'), 'sql_file_unknown_column', {
      column: 'issue_id',
      object: `report ${report.name}`,
      suggestion: 'Use the report issues.',
    });
  return {
    report: report.name,
    ...(typeof tile.chart === 'string' ? { chart: tile.chart } : {}),
    view,
    title: tile.title ?? report.title,
    ...(tile.text === undefined ? {} : { text: tile.text }),
    size: readSize!,
    params,
    ignore,
    ...(tile.columns === undefined ? {} : { columns: tile.columns }),
    ...(tile.rows === undefined ? (view === 'table' ? { rows: defaultRows } : {}) : { rows: tile.rows }),
    needs: tile.needs ?? [],
    opens: Object.fromEntries(opens),
    ...(tile.empty === undefined ? {} : { empty: tile.empty }),
    acknowledge: tile.acknowledge ?? false,
  };
}

function findReport(file: SqlFile, keyPath: KeyPath, name: string, reports: readonly Report[]): Report {
  const report = reports.find((each) => each.name === toSnakeCase(name));
  if (!report)
    throw sqlFileError(file.path, file.lineOf(keyPath), 'sql_file_unknown_report', {
      report: name,
      suggestion: suggest(
        toSnakeCase(name),
        reports.map((each) => each.name),
      ),
    });
  // Everybody who can read the page can read its tiles.
  if (report.scope !== 'read' || report.parameters.some(({ role }) => role === 'caller'))
    throw sqlFileError(file.path, file.lineOf(keyPath), 'page_report_not_public', { report: name });
  return report;
}

function assertChart(file: SqlFile, keyPath: KeyPath, { name: report, charts }: Report, name: string): void {
  if (charts.some((chart) => chart.name === name)) return;
  const names = charts.flatMap((chart) => chart.name ?? []);
  throw sqlFileError(file.path, file.lineOf(keyPath), 'page_unknown_chart', {
    chart: name,
    report: toKebabCase(report),
    suggestion:
      names.length > 0
        ? suggest(name, names)
        : charts.length > 0
          ? 'It has one chart without a name: remove the key.'
          : 'It has no chart: remove the key.',
  });
}

/** Fixed parameters of a tile. */
function readParams(
  file: SqlFile,
  keyPath: KeyPath,
  values: Record<string, unknown>,
  { parameters }: Report,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const line = file.lineOf([...keyPath, name]);
      const parameter = parameters.find((each) => each.name === name && each.role !== 'forecast');
      if (!parameter)
        throw sqlFileError(file.path, line, 'sql_file_unknown_parameter', {
          parameter: name,
          suggestion: suggest(
            name,
            parameters.map((each) => each.name),
          ),
        });
      const key = [...keyPath, name].join('.');
      const isNumber = /INT|DOUBLE|DECIMAL/.test(parameter.type);
      if (typeof value === 'object' || (isNumber && !Number.isFinite(Number(value))))
        throw sqlFileError(file.path, line, 'sql_file_invalid_type', {
          key,
          expected: typeof value === 'object' ? 'a single value' : 'a number',
          value: JSON.stringify(value),
        });
      const text = String(value);
      if (parameter.choices !== undefined && !parameter.choices.includes(text))
        throw sqlFileError(file.path, line, 'sql_file_invalid_choice', {
          key,
          value: text,
          suggestion: suggest(text, parameter.choices),
        });
      return [name, text];
    }),
  );
}

const hasRole = ({ parameters }: Report, role: string): boolean => parameters.some((each) => each.role === role);

/** @throws WattduckError for a required parameter that neither the file nor the page sets */
function assertRequired(
  file: SqlFile,
  line: number,
  report: Report,
  subject: LinkRole | undefined,
  params: Readonly<Record<string, string>>,
): void {
  const isSet = ({ name, role }: Parameter): boolean =>
    params[name] !== undefined ||
    role === 'period_start' ||
    role === 'period_end' ||
    (role !== undefined && role === subject);
  const missing = report.parameters.find((parameter) => parameter.required && !isSet(parameter));
  if (missing)
    throw sqlFileError(file.path, line, 'page_missing_parameter', { report: report.name, parameter: missing.name });
}

function assertColumn(file: SqlFile, keyPath: KeyPath, name: string, columns: readonly string[]): void {
  if (columns.includes(name)) return;
  throw sqlFileError(file.path, file.lineOf(keyPath), 'sql_file_unknown_column', {
    column: name,
    object: 'this report',
    suggestion: suggest(name, columns),
  });
}

function assertSources(file: SqlFile, keyPath: KeyPath, names: readonly string[], sources: readonly string[]): void {
  for (const [index, source] of names.entries())
    if (!sources.includes(source))
      throw sqlFileError(file.path, file.lineOf([...keyPath, index]), 'sql_file_unknown_source', {
        source,
        suggestion: suggest(source, sources),
      });
}

/** @throws WattduckError for a value that is not one of the choices */
function choices<Choice extends string>(
  file: SqlFile,
  keyPath: KeyPath,
  values: readonly string[],
  allowed: readonly Choice[],
  isList = true,
): Choice[] {
  return values.map((value, index) => {
    const path = isList ? [...keyPath, index] : keyPath;
    if (!(allowed as readonly string[]).includes(value))
      throw sqlFileError(file.path, file.lineOf(path), 'sql_file_invalid_choice', {
        key: keyPath.join('.'),
        value,
        suggestion: suggest(value, allowed),
      });
    return value as Choice;
  });
}
