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
}

/** A rule over typed columns: where `when` is true the row goes to quarantine, blamed on `column`. */
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
  key: string[];
  /** Column that decides which of two rows with one key is newer. */
  version: string;
  columns: SourceColumn[];
  checks: SourceCheck[];
}

/** What the binder does with a parameter beyond casting it. */
export type ParameterRole = 'period_start' | 'period_end' | 'time_zone' | 'now';

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
  /** True where the SQL names it; false for paging, sorting and reading dates. */
  inSql: boolean;
}

export interface ReportColumn {
  name: string;
  type: SqlType;
  description: string;
  /** kWh, Wh, count, currency, minutes, seconds, share, hour, percent … */
  unit?: string;
  nullable: boolean;
}

export interface Sort {
  /** Column, with `-` before it for descending. */
  default: string;
  allow: string[];
}

export type Page =
  | { kind: 'limit'; default: number; max: number }
  | { kind: 'take_skip'; default: number; max: number }
  | { kind: 'none' };

export type AnswerShape =
  | { shape: 'tinybird' }
  | { shape: 'list'; key: string; echo: string[]; totals: Record<string, string> }
  | { shape: 'object' };

export interface Chart {
  kind: 'bar' | 'line';
  x: string;
  y: string;
}

/** One SQL file of sql/reports: everything a command, a route and a doc page need. */
export interface Report {
  name: string;
  group: string;
  path: string;
  title: string;
  description: string;
  http: string[];
  parameters: Parameter[];
  columns: ReportColumn[];
  key: string[];
  sort: Sort;
  page: Page;
  answer: AnswerShape;
  /** True where the rows are groups: then few, and dear to compute twice. */
  grouped: boolean;
  chart?: Chart;
  sql: string;
}

/** One write of sql/actions. */
export interface Action {
  name: string;
  path: string;
  title: string;
  description: string;
  parameters: Parameter[];
  sql: string;
}
