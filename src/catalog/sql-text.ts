import { WattduckError } from '../errors/wattduck-error.ts';
import { clipMessage, clipValue } from '../text/plain-text.ts';

/** A fault in one of the catalog's files: file, line, what, fix. */
export function catalogError(path: string, line: number, what: string, fix?: string): WattduckError {
  return new WattduckError('failed', `${clipValue(path)}:${line}: ${clipMessage(what)}`, fix);
}

/**
 * What DuckDB says of a file's statement, with the line it says it of.
 * @param fallbackLine the line where it says it of none
 */
export function statementError(
  error: unknown,
  path: string,
  firstLine: number,
  fallbackLine = firstLine,
): WattduckError {
  const { message } = error as Error;
  const line = /LINE (\d+):/.exec(message)?.[1];
  return catalogError(
    path,
    line === undefined ? fallbackLine : firstLine + Number(line) - 1,
    message.split('\n')[0] ?? '',
  );
}

export const openingMark = /^\uFEFF?\/\*---/;
export const closingMark = '---*/';

/** Where the head of `/*--- yaml ---*\/ sql` ends; refuses a missing or unclosed one. */
export function frontMatterEnd(path: string, text: string): number {
  if (!openingMark.test(text))
    throw catalogError(path, 1, 'no front matter', `Begin the file with /*---, then YAML, then ${closingMark}.`);
  const end = text.indexOf(closingMark);
  if (end < 0) throw catalogError(path, 1, 'the front matter is never closed', `End it with ${closingMark}.`);
  return end;
}

/** A statement that also runs by hand may end in a semicolon and a remark; inside another it must not. */
export const stripTrailingSemicolon = (sql: string): string => sql.replace(/;(?:\s|;|--[^\n']*(?:\n|$))*$/, '');

/** The statement alone, its head unread. */
export const statementText = (path: string, text: string): string =>
  stripTrailingSemicolon(text.slice(frontMatterEnd(path, text) + closingMark.length)).trim();
