import { WattduckError } from '../../errors/wattduck-error.ts';

/**
 * Limits of one statement. DuckDB cannot be interrupted during planning or within a function call, so a statement that
 * could make either slow or large is rejected before it runs.
 */
export const limits = {
  /** Characters of the statement. */
  characters: 16_384,
  /** Tables in `from`: as written, and with the tables of a CTE counted at every use. */
  tables: 50,
  expandedTables: 300,
  /** Unions, intersections and differences. */
  setOperations: 50,
  /** Nested selects; each level of a select in an expression more than doubles the planning time. */
  selectDepth: 10,
  subqueryDepth: 6,
  expressionDepth: 100,
  lambdaDepth: 3,
  /** Expressions after aliases and macros are expanded. */
  expressions: 20_000,
  /** Columns of one select, and of all selects together, after * is expanded. */
  columns: 1000,
  totalColumns: 5000,
  groupingSets: 64,
  /** Elements of a list from range() outside `from`. */
  rangeElements: 2000,
  /** Characters that repeat(), lpad() and rpad() may add, and rows that max(x, n) may keep. */
  repeatedLength: 1000,
  typeDepth: 8,
  /** Bytes that functions may create for one row, plus `bytesPerColumnByte` times the longest text in the tables. */
  bytesPerRow: 32_768,
  bytesPerColumnByte: 20,
  /** Steps that one function call may take for one row. */
  stepsPerCall: 50_000_000,
  /** Characters of a regular expression or a format. */
  patternLength: 500,
} as const;

export const tooComplex = (found: string, max: number): WattduckError =>
  new WattduckError('statement_too_complex', { found, max });

export const argumentNotAllowed = (name: string, requirement: string, hint: string): WattduckError =>
  new WattduckError('argument_not_allowed', { function: name, requirement, hint });

/** Lower-cases a name as DuckDB does: ASCII only. JavaScript's toLowerCase() also maps the Kelvin sign to k. */
export const foldName = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
