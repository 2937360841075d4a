import { isMap as isYamlMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { suggest } from '../text/names.ts';
import { catalogError, closingMark, frontMatterEnd, openingMark, stripTrailingSemicolon } from './sql-text.ts';

export {
  catalogError as catalogFault,
  statementError as statementFault,
  stripTrailingSemicolon as withoutEnd,
} from './sql-text.ts';

/** A SQL file taken apart: its YAML head and its statement, with the line the statement starts on. */
export interface SqlFile {
  path: string;
  frontMatter: Record<string, unknown>;
  sql: string;
  sqlLine: number;
  /** Line in the file of a key of the head, given by its path; the nearest known parent otherwise. */
  lineOf(path: readonly (string | number)[]): number;
}

/** Takes a SQL file apart; refuses a head that is no YAML. */
export function parseSqlFile(path: string, text: string): SqlFile {
  const end = frontMatterEnd(path, text);
  const lines = new LineCounter();
  const document = parseDocument(text.slice(0, end).replace(openingMark, ''), { lineCounter: lines, uniqueKeys: true });
  const yamlError = document.errors[0];
  if (yamlError) {
    throw catalogError(path, lines.linePos(yamlError.pos[0]).line, `front matter: ${yamlError.message.split('\n')[0]}`);
  }
  const frontMatter: unknown = document.toJS();
  if (!isPlainObject(frontMatter)) throw catalogError(path, 1, 'the front matter is no list of key: value');

  const sql = stripTrailingSemicolon(text.slice(end + closingMark.length));
  const sqlLine = text.slice(0, end).split('\n').length;
  return { path, frontMatter, sql, sqlLine, lineOf: (keyPath) => lineOf(document, lines, keyPath) };
}

function lineOf(document: Document, lines: LineCounter, keyPath: readonly (string | number)[]): number {
  for (let depth = keyPath.length; depth > 0; depth -= 1) {
    const parent = depth === 1 ? document.contents : document.getIn(keyPath.slice(0, depth - 1), true);
    const key = isYamlMap(parent)
      ? parent.items.find((pair) => String(pair.key) === String(keyPath[depth - 1]))?.key
      : undefined;
    const node = (isNode(key) ? key : document.getIn(keyPath.slice(0, depth), true)) as
      { range?: [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys that have been renamed, with their new names. */
const renamedKeys: Readonly<Record<string, string>> = {
  recognise: 'detect_by',
  alone: 'exact_fields',
  each: 'unnest',
  sentinels: 'null_values',
  twins: 'duplicates',
  doubts: 'warnings',
  longest: 'max_length',
  after: 'not_before',
  table: 'leading_columns',
};

type Shape = 'text' | 'number' | 'flag' | 'texts' | 'map' | 'scalar' | 'list';

const shapes: Record<Shape, { matches: (value: unknown) => boolean; expected: string }> = {
  text: { matches: (value) => typeof value === 'string', expected: 'a text' },
  number: { matches: (value) => typeof value === 'number', expected: 'a number' },
  flag: { matches: (value) => typeof value === 'boolean', expected: 'true or false' },
  texts: {
    matches: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
    expected: 'a list of texts',
  },
  map: { matches: isPlainObject, expected: 'key: value pairs' },
  scalar: { matches: (value) => ['string', 'number', 'boolean'].includes(typeof value), expected: 'a single value' },
  list: { matches: Array.isArray, expected: 'a list' },
};

/** Reads one map of a head strictly: unknown keys, missing keys and values of the wrong shape are refused. */
export function validateObject<T>(
  file: SqlFile,
  keyPath: readonly (string | number)[],
  value: unknown,
  allowed: Record<string, Shape>,
  required: readonly string[] = [],
): T {
  const prefix = keyPath.length > 0 ? `${keyPath.join('.')}: ` : '';
  if (!isPlainObject(value)) throw catalogError(file.path, file.lineOf(keyPath), `${prefix}should be key: value pairs`);
  for (const [key, item] of Object.entries(value)) {
    const shape = Object.hasOwn(allowed, key) ? allowed[key] : undefined;
    const line = file.lineOf([...keyPath, key]);
    if (!shape) {
      const now = Object.hasOwn(renamedKeys, key) ? renamedKeys[key] : undefined;
      if (now !== undefined && Object.hasOwn(allowed, now))
        throw catalogError(file.path, line, `${prefix}"${key}" is now "${now}"`, `Rename the key to ${now}.`);
      throw catalogError(file.path, line, `${prefix}unknown key "${key}"`, suggest(key, Object.keys(allowed)));
    }
    if (!shapes[shape].matches(item)) {
      throw catalogError(
        file.path,
        line,
        `${prefix}"${key}" should be ${shapes[shape].expected}, not ${JSON.stringify(item)}`,
      );
    }
  }
  for (const key of required) {
    if (!(key in value))
      throw catalogError(file.path, file.lineOf(keyPath), `${prefix}"${key}" is missing`, `Add ${key}: …`);
  }
  return value as T;
}
