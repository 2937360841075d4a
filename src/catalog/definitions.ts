import type { NamedType } from './catalog-database.ts';

/** Name of a DuckDB type. */
export type SqlType = 'VARCHAR' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'DATE' | 'TIMESTAMP' | 'DECIMAL' | (string & {});

/** A column of an ingest target. */
export interface SourceColumn {
  name: string;
  /** Name of the DuckDB type, such as `DECIMAL(18,6)`. */
  type: SqlType;
  description: string;
  unit?: string;
  /** Other names of the column in files. */
  aliases: string[];
  /** Rows without a value are rejected. */
  required: boolean;
  /** Accepted values; matched case-insensitively, stored as written here. */
  values?: string[];
  /** SQL over the other columns for rows without a value. */
  default?: string;
  /** Whether it contains or may contain personal data. */
  personal?: boolean;
  /** Column with an earlier time. In the hour that clocks repeat, the second pass is used if the first would precede it. */
  notBefore?: string;
  /** Column with the time to use if this one is before 2008, because the clock was not set. */
  fallback?: string;
  /** How values are normalized: ISO 4217 codes of currencies, or AC and DC of plug and charger types that name one of them. */
  format?: 'currency' | 'current_type';
}

/** A check of typed columns: if `when` is true, the row is reported with `column` and `reason`. */
export interface SourceCheck {
  when: string;
  column: string;
  reason: string;
}

/** An ingest target: one table. */
export interface Source {
  name: string;
  path: string;
  title: string;
  description: string;
  /** Further facts for the docs and --help, one idea each. */
  details: string[];
  key: string[];
  /** Columns that identify a file as this source, including the required columns. */
  detectBy: string[];
  /** Column that decides which of two rows with the same key is newer. */
  version: string;
  /** Columns that do not differ between versions of a row: rows with one key that differ in them describe different things. */
  identity: string[];
  /** Columns that may only differ between rows of different versions. */
  changesWithVersion: string[];
  columns: SourceColumn[];
  /** Fields of files that are not stored: defaults and warnings use them. */
  inputs: SourceColumn[];
  /** Column of the table that shows in which order its rows arrived; not a field of files. */
  arrivalOrder?: string;
  /** Time column whose UTC month splits its rows into files in a Parquet folder; one file without it. */
  partitionBy?: string;
  checks: SourceCheck[];
  /** Checks for implausible values, with which the row is still imported. */
  warnings: SourceCheck[];
}

/** Order of day and month in dates that do not begin with the year. */
export type DateOrder = 'dmy' | 'mdy';

export type DecimalMark = ',' | '.';

/** The fields that a mapping reads for each cell of a table with many columns of one kind. */
export interface Unpivot {
  /** Field with the name of the cell's column. */
  name: string;
  /** Field with the value of the cell. */
  value: string;
  /** Columns whose cells become rows; by default, those that the select does not read. */
  columns?: string[];
}

/** Columns of a table with a value only in the first row of a group, such as an order. */
export interface FillDown {
  /** Column whose value is the same in the rows of a group, which follow each other. */
  by: string;
  /** Columns whose empty cells get the value above them in the group. */
  columns: string[];
}

/** A file format of another system, and how its values are written. */
export interface Format {
  name: string;
  path: string;
  title: string;
  description: string;
  /** Further facts for the docs and --help, one idea each. */
  details: string[];
  source: string;
  /** Fields that identify a file as this format. */
  detectBy: string[];
  /** Further fields of the format that are not imported. */
  ignoredFields: string[];
  /** Whether a file of this format must not have other fields. */
  exactFields: boolean;
  /** Whether times are local, without a zone, so that the user must name it. */
  localTimes: boolean;
  /** Keys of nested lists, outermost first, whose elements become the rows; each row has the enclosing object as `parent`. */
  unnest: string[];
  /** For a file with a column per currency or the like: each cell of such a column becomes a row. */
  unpivot?: Unpivot;
  /** For a CSV file that leaves repeated values empty. */
  fillDown?: FillDown;
  /** Values read as null, by field. The field `*` is every field; a value ending in `*` is a prefix. */
  nullValues: Record<string, string[]>;
  /** Whether rows with the same key are merged into one, or all kept as separate rows. */
  duplicates: 'merge' | 'keep';
  /** Columns of the source whose typed values make the key; empty if the select returns the key. */
  keyFrom: string[];
  /** Columns of the source that differ between separate rows with the same key; a row without a value is an earlier version. */
  separateBy: string[];
  /** SQL condition on the fields of the file, all of them strings, for rows to skip; true or false, and never fails. */
  skipWhen?: string;
  tz?: string;
  dateOrder?: DateOrder;
  decimalMark?: DecimalMark;
}

/** A format with the select that maps the fields of a file, all of them strings, to columns of a source. */
export interface Mapping extends Format {
  /** Whether it is part of the package: a mapping of the user takes precedence. */
  isBuiltIn: boolean;
  /** Fields of the file that its select reads. */
  inputFields: string[];
  /** Columns of the source that its select returns. */
  targetColumns: string[];
  /** Those of them that the select returns as numbers: their texts have a decimal point, whatever the file has. */
  numberColumns: string[];
  /** Fields that each of those columns is computed from. */
  sourceFields: Record<string, string[]>;
  sql: string;
  /** The expression of each column, if some can fail: on failure the row is rejected. */
  expressions?: Record<string, MappingExpression>;
  /** Text of the SQL file: a file is imported again if its mapping has changed. */
  text: string;
}

/** An expression of a mapping. */
export interface MappingExpression {
  sql: string;
  /** Whether `sql` returns a list of the value, or null if it cannot be computed. */
  isTried: boolean;
}

/** How the binder treats a parameter, besides casting it. */
export type ParameterRole =
  | 'period_start'
  | 'period_end'
  | 'period'
  | 'compare'
  | 'total'
  | 'time_zone'
  | 'base_currency'
  | 'now'
  | 'caller'
  | 'forecast'
  | SelectionRole;

/** Roles of parameters that select what a report covers: pickers of pages find their parameter by role. */
export const selectionRoles = ['site', 'charge_point', 'customer', 'currency', 'granularity'] as const;
export type SelectionRole = (typeof selectionRoles)[number];

export interface Parameter {
  name: string;
  type: SqlType;
  description: string;
  role?: ParameterRole;
  required: boolean;
  default?: string;
  example?: string;
  choices?: string[];
  min?: number;
  max?: number;
  /** Maximum number of characters. */
  maxLength?: number;
  /** Short name on the command line. */
  short?: string;
  /** Parameter that must not be set together with it. */
  excludes?: string;
  /** Other names that mean the same. */
  aliases?: string[];
  /** Whether the SQL uses it; false for paging, sorting and the time zone of dates. */
  inSql: boolean;
}

/** A select shared by reports, which read it like a table. */
export interface View {
  name: string;
  path: string;
  title: string;
  description: string;
  /** Further facts for the docs and --help, one idea each. */
  details: string[];
  parameters: Parameter[];
  /** Views that it reads directly. */
  views: View[];
  /** For a view of notes: a cheaper view without which it has no rows, so that it need not run. */
  when?: View;
  /** Described columns; empty if the file does not describe them. */
  columns: ReportColumn[];
  /** Names and types of its columns. */
  outputColumns: NamedType[];
  /** Whether it only filters and joins tables, so that it is inlined instead of materialized. */
  inline: boolean;
  sql: string;
}

/** Lengths of the buckets of a series. */
export const bucketLengths: readonly string[] = ['day', 'week', 'month', 'quarter', 'year'];

export interface ReportColumn {
  name: string;
  type: SqlType;
  description: string;
  /** kWh, Wh, count, currency, minutes, seconds, share, hour, percent … */
  unit?: string;
  nullable: boolean;
  /** Whether a string of digits is returned as a number. */
  numeric?: boolean;
  /** Whether it is only for keys, sorting or totals, and never returned. */
  hidden?: boolean;
  /** Length of the buckets of a key that is a date; the granularity of the report, or a day, by default. */
  bucket?: string;
  /** Whether documents leave it out of rows in which it is null, and tables leave it out if it is null in all rows. */
  optional?: boolean;
}

export interface Sort {
  /** Column; prefixed with `-` for descending order. */
  default: string;
  allow: string[];
  /** Whether column and order are two parameters, sort_field and sort_order. */
  split?: boolean;
}

export type Page =
  | { kind: 'limit'; default: number; max: number }
  | { kind: 'take_skip'; default: number; max: number }
  | { kind: 'none' };

export type AnswerShape =
  | { shape: 'tinybird' }
  | {
      shape: 'list';
      key: string;
      echo: string[];
      /** SQL expressions over all rows of the report, by name. */
      totals: Record<string, string>;
      /** Scalar SQL expressions returned next to the rows, by name. */
      facts: Record<string, string>;
      /** Scalar SQL expression that raises an error if the rows cannot be combined. */
      guard?: string;
      /** Key for the number of matching rows; with it, the answer always says whether it was truncated. */
      count?: string;
      missing?: Missing;
    }
  | {
      shape: 'object';
      echo: string[];
      /** Nested objects by name, each with the column of every key. */
      nest: Record<string, Record<string, string>>;
      /** A list with these columns of every row in which the first column that is not optional has a value. */
      list?: { key: string; columns: string[] };
      /** Scalar SQL expressions of the columns that have a value without rows. */
      empty?: Record<string, string>;
      missing?: Missing;
    };

/**
 * The record that is reported as not found without rows, unless the scalar SQL expression `unless` is true. With `read_all`, a report
 * with a bound on events looks in all of them first.
 */
export interface Missing {
  parameter: string;
  what: string;
  unless?: string;
  read_all?: boolean;
}

interface ChartOptions {
  /** Name to choose it by; a report's first chart may have none. */
  name?: string;
  /** Parameters it is drawn with, unless the user sets them. */
  with?: Record<string, string>;
}

/** How values are judged: two borders, and whether higher values are better. */
interface ChartLevels {
  /** Values between them need attention; those on the worse side of both are bad. */
  levels?: readonly [number, number];
  better?: 'up' | 'down';
}

/** Labels of rows; only the first ones are drawn. */
interface ChartLabels {
  /** Columns that identify a row whose label is only a name. */
  id?: readonly string[];
  /** Number of labels to draw. */
  top?: number;
  /** Page that a label leads to. */
  opens?: 'station' | 'site' | 'customer';
}

interface ChartAxes {
  x: string;
  y: string;
  /** Column whose values become lines, or parts of a bar. */
  series?: string;
  /** Further columns for the descriptions of its marks. */
  more?: readonly string[];
}

/** A chart over dates or numbers. */
export type LineChart = ChartOptions & ChartAxes & { kind: 'line' };

/** Columns over an ordered x, such as the hours of the day. */
export type BarChart = ChartOptions & ChartAxes & { kind: 'bar' };

/** Ranked bars; x is their label. */
export type RankedChart = ChartOptions & ChartAxes & ChartLabels & ChartLevels & { kind: 'hbar' };

/** Shaded cells; y is the label of their row. */
export type HeatmapChart = ChartOptions & ChartLabels & { kind: 'heatmap'; x: string; y: string; value: string };

/** Cells whose height and colour show their level; y is the label of their row, if it has several. */
export type StripChart = ChartOptions &
  ChartLabels &
  ChartLevels & { kind: 'strip'; x: string; y?: string; value: string };

/** Measured values as y, and the forecast with its interval. */
export type FanChart = ChartOptions & {
  kind: 'fan';
  x: string;
  y: string;
  forecast: string;
  low: string;
  high: string;
};

/** One figure; with x, the sum or the last of the values, which are drawn as a small line. */
export type NumberChart = ChartOptions &
  ChartLevels & { kind: 'number'; value: string; x?: string; more?: readonly string[] };

export type Chart = LineChart | BarChart | RankedChart | HeatmapChart | StripChart | FanChart | NumberChart;

/** Fields of a list document, besides whether it is truncated. */
export const listFields = ({ key, count, echo, totals, facts }: Extract<AnswerShape, { shape: 'list' }>): string[] => [
  ...echo,
  key,
  ...Object.keys(totals),
  ...Object.keys(facts),
  ...(count === undefined ? [] : [count]),
];

/** Columns that a report returns. */
export const outputColumns = ({ columns }: Pick<Report, 'columns'>): ReportColumn[] =>
  columns.filter(({ hidden }) => hidden !== true);

/** Columns that documents leave out of rows in which they are null. */
export const optionalColumns = ({ columns }: Pick<Report, 'columns'>): string[] =>
  columns.filter(({ optional }) => optional).map(({ name }) => name);

/** A report from sql/reports, with everything its command, route and documentation need. */
export interface Report {
  name: string;
  group: string;
  path: string;
  title: string;
  /** A few words for the list of reports, where it has no room for the description. */
  summary?: string;
  /** Whether the list of reports shows it first, or only with --all. */
  listing?: 'top' | 'helper';
  description: string;
  /** Further facts for the docs and --help, one idea each. */
  details: string[];
  http: string[];
  parameters: Parameter[];
  columns: ReportColumn[];
  key: string[];
  sort: Sort;
  page: Page;
  answer: AnswerShape;
  /** Whether rows are grouped: such results are small but expensive, so they are materialized. */
  grouped: boolean;
  /** Columns that a table shows first. */
  leadingColumns: string[];
  /** Columns whose sum over all rows is a total; not averages, shares and distinct counts. */
  additive: string[];
  /** Charts of its rows, the default first; empty if it has none. */
  charts: readonly Chart[];
  /** Token scope required over HTTP. */
  scope: 'read' | 'admin';
  /** Report with the same parameters that shows what this one consists of. */
  explain?: string;
  /** Daily series to forecast before the SQL runs, and the report that shows each day of it. */
  forecast?: { series: View; daily?: string };
  /**
   * SQL expression over parameters: the report needs nothing that ended before that time. Its views read it as
   * `$scan_from::timestamp`, and read no earlier events than they need to know what was going on at that time.
   */
  scanFrom?: string;
  /** Views that the SQL reads, directly or not, in topological order. */
  views: View[];
  /** Views whose rows are notes on the answer, in their column `note`. */
  notes: View[];
  /** Tables read by its SQL, its views, its notes and its forecast. */
  tables: string[];
  sql: string;
}

/** How wide a tile is: a sixth of the page, a third, half of it, or all of it. */
export const tileSizes = ['figure', 'third', 'half', 'wide'] as const;
export type TileSize = (typeof tileSizes)[number];

/** Kinds of pages that a value of a table leads to. */
export const linkTargets = { station: 'charge_point', site: 'site', customer: 'customer' } as const;
export type LinkTarget = keyof typeof linkTargets;

/** What pages set in the reports of their tiles, unless a tile ignores it. */
export const boundRoles = [
  'period',
  'site',
  'charge_point',
  'customer',
  'currency',
  'time_zone',
  'now',
  'compare',
  'granularity',
] as const;
export type BoundRole = (typeof boundRoles)[number];

/** A report on a page: a chart, a figure or a table. */
export interface TileDefinition {
  /** Name of the report. */
  report: string;
  /** Name of the chart; the first one by default. Undefined for a table, and for the first chart. */
  chart?: string;
  view: 'chart' | 'table';
  title: string;
  /** A sentence below the title; that of the chart by default. */
  text?: string;
  size: TileSize;
  /** Parameters of the report that are the same for all readers. */
  params: Record<string, string>;
  /** What the page does not set in the report. */
  ignore: BoundRole[];
  /** Columns of a table, in order; all by default. */
  columns?: string[];
  /** Maximum number of rows of a table, or labels of a chart; that of the chart by default. */
  rows?: number;
  /** Sources without which the tile says that nothing was imported: at least one must have rows. */
  needs: string[];
  /** Columns of a table whose values lead to a page. */
  opens: Record<string, LinkTarget>;
  /** What the tile says if nothing matches, such as `No open issues`. */
  empty?: string;
  /** Whether the rows are issues that can be acknowledged. */
  acknowledge: boolean;
}

/** A page from sql/pages: tiles that share period, site, zone and currency. */
export interface PageDefinition {
  name: string;
  path: string;
  title: string;
  /** Text of its link in the navigation; the title by default. */
  menu?: string;
  /** Place in the navigation; undefined for a page of one thing. */
  order?: number;
  description: string;
  /** Address: `/`, or `/sites/{site}` with the role of the parameter that the last part sets. */
  address: string;
  /** That role. */
  subject?: LinkRole;
  /** Sources that decide on the default period, the most important first. Without rows in any, it has no link. */
  needs: string[];
  tiles: TileDefinition[];
}

/** Roles of parameters that the address of a page can set. */
export type LinkRole = (typeof linkTargets)[LinkTarget];

/** A write statement from sql/actions. */
export interface Action {
  name: string;
  path: string;
  title: string;
  description: string;
  /** Further facts for the docs and --help, one idea each. */
  details: string[];
  parameters: Parameter[];
  sql: string;
}

/** Parameter values as strings, from options or a query string. */
export type RawParameters = Record<string, string | undefined>;
