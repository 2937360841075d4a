import type { sqlFileErrors } from '../errors/catalog/sql-files.ts';
import type { ErrorValues } from '../errors/definition.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { clipMessage } from '../text/plain-text.ts';

type SqlFileErrorCode = keyof typeof sqlFileErrors;

/** Values of an error besides path and line. */
type Values<Code extends SqlFileErrorCode> = Omit<ErrorValues<(typeof sqlFileErrors)[Code]>, 'path' | 'line'>;

/** An error in a SQL file of the catalog, with its file and line. */
export function sqlFileError<Code extends SqlFileErrorCode>(
  path: string,
  line: number,
  code: Code,
  ...[values]: keyof Values<Code> extends never ? [] : [values: Values<Code>]
): WattduckError {
  // The type of the values depends on the code, which is not known here.
  return new WattduckError<SqlFileErrorCode>(code, { path, line, ...values } as never);
}

/** First line of a message of DuckDB, clipped. */
export const firstLineOf = (error: unknown): string => clipMessage((error as Error).message.split('\n')[0] ?? '');

/**
 * DuckDB's error in a statement of a file, with the line in the file.
 * @param firstLine line on which the statement begins
 * @param fallbackLine line for an error that names none
 */
export function statementError(
  error: unknown,
  path: string,
  firstLine: number,
  fallbackLine = firstLine,
): WattduckError {
  const line = /LINE (\d+):/.exec((error as Error).message)?.[1];
  return sqlFileError(
    path,
    line === undefined ? fallbackLine : firstLine + Number(line) - 1,
    'sql_file_invalid_statement',
    { reason: firstLineOf(error) },
  );
}

export const openingMark = /^\uFEFF?\/\*---/;
export const closingMark = '---*/';

/** Offset at which the front matter of `/*--- yaml ---*\/ sql` ends; throws if it is missing or not closed. */
export function frontMatterEnd(path: string, text: string): number {
  if (!openingMark.test(text)) throw sqlFileError(path, 1, 'sql_file_missing_front_matter');
  const end = text.indexOf(closingMark);
  if (end < 0) throw sqlFileError(path, 1, 'sql_file_unclosed_front_matter');
  return end;
}

/** Removes semicolons and comments at the end, which are not allowed in a subquery. */
export const stripTrailingSemicolon = (sql: string): string => sql.replace(/;(?:\s|;|--[^\n']*(?:\n|$))*$/, '');

/** The statement without the front matter, which is not parsed. */
export const statementText = (path: string, text: string): string =>
  stripTrailingSemicolon(text.slice(frontMatterEnd(path, text) + closingMark.length)).trim();
