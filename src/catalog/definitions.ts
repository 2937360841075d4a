import type { NamedType } from './catalog-database.ts';

/** A DuckDB type as the catalog needs it. */
export type SqlType = 'VARCHAR' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'DATE' | 'TIMESTAMP' | 'DECIMAL' | (string & {});

/** A column of an ingest target. */
export interface SourceColumn {
  name: string;
  /** DuckDB's name of the type, `DECIMAL(18,6)` and the like. */
  type: SqlType;
  description: string;
  unit?: string;
  /** Other names of the column in files. */
  aliases: string[];
  /** A row without it goes to quarantine. */
  required: boolean;
  /** Accepted texts; matched without case, stored as written here. */
  values?: string[];
  /** SQL over the other columns, used where the file gives nothing. */
  default?: string;
  /** True where it names a person, or may hold what does. */
  personal?: boolean;
  /** Column of a time that this one never precedes: in the hour that clocks repeat, the second pass is used where the first would be earlier. */
  notBefore?: string;
}

/** A rule over typed columns: where `when` is true, `reason` is said of the row's `column`. */
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
  /** Further facts, one idea each: in the docs and in --help. */
  details: string[];
  key: string[];
  /** Columns by which a file is detected as this source, the required ones included. */
  detectBy: string[];
  /** Column that decides which of two rows with one key is newer. */
  version: string;
  columns: SourceColumn[];
  checks: SourceCheck[];
  /** Implausible values: the row is imported with a warning. */
  warnings: SourceCheck[];
}

/** The order of day and month in dates that do not begin with the year. */
export type DateOrder = 'dmy' | 'mdy';

export type DecimalMark = ',' | '.';

/** A foreign file format, and how its values are written. */
export interface Format {
  name: string;
  path: string;
  title: string;
  description: string;
  /** Further facts, one idea each: in the docs and in --help. */
  details: string[];
  source: string;
  /** Fields by which a file is detected as this format. */
  detectBy: string[];
  /** True if a file of this format has no other fields. */
  exactFields: boolean;
  /** Keys of nested lists, outermost first, whose elements become the rows; each row has the enclosing object as `parent`. */
  unnest: string[];
  /** Texts read as null, by field; `*` stands for every field, and at the end of a text for anything. */
  nullValues: Record<string, string[]>;
  /** Whether rows with the same key are merged into one, or all kept as separate rows. */
  duplicates: 'merge' | 'keep';
  tz?: string;
  dateOrder?: DateOrder;
  decimalMark?: DecimalMark;
}

/** A format with its select from the file's fields, all text, to columns of a source. */
export interface Mapping extends Format {
  /** Fields of the file that its select reads. */
  inputFields: string[];
  /** Columns of the source that its select returns. */
  targetColumns: string[];
  /** Fields that each of those columns is computed from. */
  sourceFields: Record<string, string[]>;
  sql: string;
  /** The whole file, by which a changed mapping is told from the one a file was taken in with. */
  text: string;
}

/** What the binder does with a parameter beyond casting it. */
export type ParameterRole = 'period_start' | 'period_end' | 'time_zone' | 'now' | 'caller' | 'forecast';

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
  /** A shorter name on the command line. */
  short?: string;
  /** True where the SQL names it; false for paging, sorting and reading dates. */
  inSql: boolean;
}

/** A select that reports share: they name it in their from as if it were a table. */
export interface View {
  name: string;
  path: string;
  title: string;
  description: string;
  /** Further facts, one idea each: in the docs and in --help. */
  details: string[];
  parameters: Parameter[];
  /** Views it names itself. */
  views: View[];
  /** What its columns mean, where its file tells them one by one. */
  columns: ReportColumn[];
  /** Its columns as DuckDB tells them. */
  outputColumns: NamedType[];
  /** True where it only picks rows: it is read in place wherever it is named, not computed once and kept. */
  inline: boolean;
  sql: string;
}

export interface ReportColumn {
  name: string;
  type: SqlType;
  description: string;
  /** kWh, Wh, count, currency, minutes, seconds, share, hour, percent … */
  unit?: string;
  nullable: boolean;
  /** True for a text that is answered as a number where it is a whole one. */
  numeric?: boolean;
  /** True where it only tells rows apart, or is needed for totals, and is never answered. */
  hidden?: boolean;
  /** True where documents leave it out of rows in which it is null, and tables where it is in all. */
  optional?: boolean;
}

export interface Sort {
  /** Column, with `-` before it for descending. */
  default: string;
  allow: string[];
  /** True where column and order are two parameters, sort_field and sort_order. */
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
      /** SQL over all rows of the report, by name. */
      totals: Record<string, string>;
      /** SQL that stands for itself, by name, answered beside the rows. */
      facts: Record<string, string>;
      /** SQL that stands for itself and raises an error where the rows must not stand together. */
      guard?: string;
      /** Key under which the answer tells how many rows match; it then always tells too whether it was cut. */
      count?: string;
      missing?: Missing;
    }
  | {
      shape: 'object';
      echo: string[];
      /** Objects in the answer, by name: their keys and the columns these are taken from. */
      nest: Record<string, Record<string, string>>;
      /** A list in the answer: these columns of every row in which the first of them that is not optional has a value. */
      list?: { key: string; columns: string[] };
      missing?: Missing;
    };

/** What is not there where no row is answered, by the parameter that names it; unless this SQL, which stands for itself, is true. */
export interface Missing {
  parameter: string;
  what: string;
  unless?: string;
}

export type Chart =
  | { kind: 'bar' | 'line'; x: string; y: string }
  /** What was measured as y, and what is forecast with its interval. */
  | { kind: 'fan'; x: string; y: string; forecast: string; low: string; high: string };

/** Columns a report answers. */
export const outputColumns = ({ columns }: Pick<Report, 'columns'>): ReportColumn[] =>
  columns.filter(({ hidden }) => hidden !== true);

/** Columns documents leave out of rows in which they are null. */
export const optionalColumns = ({ columns }: Pick<Report, 'columns'>): string[] =>
  columns.filter(({ optional }) => optional).map(({ name }) => name);

/** One SQL file of sql/reports: everything a command, a route and a doc page need. */
export interface Report {
  name: string;
  group: string;
  path: string;
  title: string;
  description: string;
  /** Further facts, one idea each: in the docs and in --help. */
  details: string[];
  http: string[];
  parameters: Parameter[];
  columns: ReportColumn[];
  key: string[];
  sort: Sort;
  page: Page;
  answer: AnswerShape;
  /** True where rows are grouped: then they are few, and dear to compute twice. */
  grouped: boolean;
  /** Columns a table shows first, as not all may fit. */
  leadingColumns: string[];
  chart?: Chart;
  /** What a token must allow over HTTP. */
  scope: 'read' | 'admin';
  /** Report of the same parameters that shows what this one is made of. */
  explain?: string;
  /** The daily series that is forecast before its SQL is run, and the report of the same that shows each day. */
  forecast?: { series: View; daily?: string };
  /** Views its SQL names, each after those it needs. */
  views: View[];
  /** Tables read, by its own SQL, by the views and by what is forecast. */
  tables: string[];
  sql: string;
}

/** One write of sql/actions. */
export interface Action {
  name: string;
  path: string;
  title: string;
  description: string;
  /** Further facts, one idea each: in the docs and in --help. */
  details: string[];
  parameters: Parameter[];
  sql: string;
}

/** Parameters as text, from options or a query string. */
export type RawParameters = Record<string, string | undefined>;
