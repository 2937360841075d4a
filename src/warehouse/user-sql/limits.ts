import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipped } from '../../text/plain-text.ts';

/**
 * Limits of one statement. DuckDB can't be interrupted while it plans, nor inside one function call, so a statement
 * that could make either of them long or large is rejected before it runs.
 */
export const limits = {
  /** Characters of the statement. */
  characters: 16_384,
  /** Tables in from, as written, and counting the tables of a CTE again wherever the CTE is named. */
  tables: 50,
  expandedTables: 300,
  /** Unions, intersections and differences. */
  setOperations: 50,
  /** Selects inside each other; planning a select inside an expression takes more than twice as long at each level. */
  selectDepth: 10,
  subqueryDepth: 6,
  expressionDepth: 100,
  lambdaDepth: 3,
  /** Expressions once aliases and macros are written out. */
  expressions: 20_000,
  /** Columns of one select and of all selects together, with * written out. */
  columns: 1000,
  totalColumns: 5000,
  groupingSets: 64,
  /** Elements of a list made by range() outside from. */
  rangeElements: 2000,
  /** Characters that repeat(), lpad() and rpad() may make, and rows that max(x, n) may keep. */
  repeatedLength: 1000,
  typeDepth: 8,
  /** Bytes that functions may make for one row, beside `bytesPerColumnByte` times the longest text in the tables. */
  bytesPerRow: 32_768,
  bytesPerColumnByte: 20,
  /** Steps that one function call may take for one row. */
  stepsPerCall: 50_000_000,
  /** Length of a regular expression, and of a format. */
  patternLength: 500,
} as const;

export const tooComplex = (found: string, max: string): WattduckError =>
  new WattduckError(
    'usage',
    clipped`the statement has ${found}`,
    `At most ${max} are accepted: make it simpler, or ask for less at once.`,
  );

export const notAccepted = (what: string, hint: string): WattduckError =>
  new WattduckError('usage', clipped`${what} is not accepted here`, hint);

/** Folds a name the way DuckDB does: ASCII letters only. JavaScript's toLowerCase() also maps the Kelvin sign to k. */
export const foldName = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
