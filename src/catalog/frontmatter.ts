import { isMap as isYamlMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { WattduckError } from '../errors.ts';
import { clipMessage, clipValue } from '../text/plain-text.ts';
import { suggest } from '../text/names.ts';

/** A SQL file taken apart: its YAML head and its statement, with the line the statement starts on. */
export interface SqlFile {
  path: string;
  head: Record<string, unknown>;
  sql: string;
  sqlLine: number;
  /** Line in the file of a key of the head, given by its path; the nearest known parent otherwise. */
  lineOf(path: readonly (string | number)[]): number;
}

/** A fault in one of the catalog's files: file, line, what, fix. */
export function catalogFault(path: string, line: number, what: string, fix?: string): WattduckError {
  return new WattduckError('failed', `${clipValue(path)}:${line}: ${clipMessage(what)}`, fix);
}

/**
 * What DuckDB says of a file's statement, with the line it says it of.
 * @param otherwise the line where it says it of none
 */
export function statementFault(error: unknown, path: string, firstLine: number, otherwise = firstLine): WattduckError {
  const { message } = error as Error;
  const line = /LINE (\d+):/.exec(message)?.[1];
  return catalogFault(
    path,
    line === undefined ? otherwise : firstLine + Number(line) - 1,
    message.split('\n')[0] ?? '',
  );
}

const opening = /^\uFEFF?\/\*---/;
const closing = '---*/';

/** Where the head of `/*--- yaml ---*\/ sql` ends; refuses a missing or unclosed one. */
function headEnd(path: string, text: string): number {
  if (!opening.test(text))
    throw catalogFault(path, 1, 'no front matter', `Begin the file with /*---, then YAML, then ${closing}.`);
  const end = text.indexOf(closing);
  if (end < 0) throw catalogFault(path, 1, 'the front matter is never closed', `End it with ${closing}.`);
  return end;
}

/** A statement that also runs by hand may end in a semicolon and a remark; inside another it must not. */
export const withoutEnd = (sql: string): string => sql.replace(/;(?:\s|;|--[^\n']*(?:\n|$))*$/, '');

/** The statement alone, its head unread. */
export const sqlPart = (path: string, text: string): string =>
  withoutEnd(text.slice(headEnd(path, text) + closing.length)).trim();

/** Takes a SQL file apart; refuses a head that is no YAML. */
export function parseSqlFile(path: string, text: string): SqlFile {
  const end = headEnd(path, text);
  const lines = new LineCounter();
  const document = parseDocument(text.slice(0, end).replace(opening, ''), { lineCounter: lines, uniqueKeys: true });
  const fault = document.errors[0];
  if (fault) {
    throw catalogFault(path, lines.linePos(fault.pos[0]).line, `front matter: ${fault.message.split('\n')[0]}`);
  }
  const head: unknown = document.toJS();
  if (!isMap(head)) throw catalogFault(path, 1, 'the front matter is no list of key: value');

  const sql = withoutEnd(text.slice(end + closing.length));
  const sqlLine = text.slice(0, end).split('\n').length;
  return { path, head, sql, sqlLine, lineOf: (at) => lineOf(document, lines, at) };
}

function lineOf(document: Document, lines: LineCounter, at: readonly (string | number)[]): number {
  for (let depth = at.length; depth > 0; depth -= 1) {
    const above = depth === 1 ? document.contents : document.getIn(at.slice(0, depth - 1), true);
    const key = isYamlMap(above)
      ? above.items.find((pair) => String(pair.key) === String(at[depth - 1]))?.key
      : undefined;
    const node = (isNode(key) ? key : document.getIn(at.slice(0, depth), true)) as
      { range?: [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Shape = 'text' | 'number' | 'flag' | 'texts' | 'map' | 'scalar' | 'list';

const shapes: Record<Shape, { fits: (value: unknown) => boolean; wanted: string }> = {
  text: { fits: (value) => typeof value === 'string', wanted: 'a text' },
  number: { fits: (value) => typeof value === 'number', wanted: 'a number' },
  flag: { fits: (value) => typeof value === 'boolean', wanted: 'true or false' },
  texts: {
    fits: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
    wanted: 'a list of texts',
  },
  map: { fits: isMap, wanted: 'key: value pairs' },
  scalar: { fits: (value) => ['string', 'number', 'boolean'].includes(typeof value), wanted: 'a single value' },
  list: { fits: Array.isArray, wanted: 'a list' },
};

/** Reads one map of a head strictly: unknown keys, missing keys and values of the wrong shape are refused. */
export function readMap<T>(
  file: SqlFile,
  at: readonly (string | number)[],
  value: unknown,
  allowed: Record<string, Shape>,
  required: readonly string[] = [],
): T {
  const where = at.length > 0 ? `${at.join('.')}: ` : '';
  if (!isMap(value)) throw catalogFault(file.path, file.lineOf(at), `${where}should be key: value pairs`);
  for (const [key, item] of Object.entries(value)) {
    const shape = Object.hasOwn(allowed, key) ? allowed[key] : undefined;
    const line = file.lineOf([...at, key]);
    if (!shape) {
      throw catalogFault(file.path, line, `${where}unknown key "${key}"`, suggest(key, Object.keys(allowed)));
    }
    if (!shapes[shape].fits(item)) {
      throw catalogFault(
        file.path,
        line,
        `${where}"${key}" should be ${shapes[shape].wanted}, not ${JSON.stringify(item)}`,
      );
    }
  }
  for (const key of required) {
    if (!(key in value)) throw catalogFault(file.path, file.lineOf(at), `${where}"${key}" is missing`, `Add ${key}: …`);
  }
  return value as T;
}
