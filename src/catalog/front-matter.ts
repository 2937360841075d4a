import { isMap as isYamlMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { suggest } from '../text/names.ts';
import { isPlainObject } from './plain-object.ts';
import {
  closingMark,
  firstLineOf,
  frontMatterEnd,
  openingMark,
  sqlFileError,
  stripTrailingSemicolon,
} from './sql-text.ts';

/** A parsed SQL file. */
export interface SqlFile {
  path: string;
  frontMatter: Record<string, unknown>;
  sql: string;
  /** Line on which the statement begins. */
  sqlLine: number;
  /** Line of a key of the front matter, or of its nearest parent that exists. */
  lineOf(path: readonly (string | number)[]): number;
}

/** Splits a SQL file into front matter and statement; throws if the front matter is not valid YAML. */
export function parseSqlFile(path: string, text: string): SqlFile {
  const end = frontMatterEnd(path, text);
  const lines = new LineCounter();
  const document = parseDocument(text.slice(0, end).replace(openingMark, ''), { lineCounter: lines, uniqueKeys: true });
  const yamlError = document.errors[0];
  if (yamlError) {
    throw sqlFileError(path, lines.linePos(yamlError.pos[0]).line, 'sql_file_invalid_yaml', {
      reason: firstLineOf(yamlError),
    });
  }
  const frontMatter: unknown = document.toJS();
  if (!isPlainObject(frontMatter)) throw sqlFileError(path, 1, 'sql_file_front_matter_not_map');

  const sql = stripTrailingSemicolon(text.slice(end + closingMark.length));
  const sqlLine = text.slice(0, end).split('\n').length;
  return { path, frontMatter, sql, sqlLine, lineOf: (keyPath) => lineOf(document, lines, keyPath) };
}

/** Parses a file that is YAML as a whole; throws if it is not valid. */
export function parseYamlFile(path: string, text: string): SqlFile {
  const lines = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter: lines, uniqueKeys: true });
  const yamlError = document.errors[0];
  if (yamlError)
    throw sqlFileError(path, lines.linePos(yamlError.pos[0]).line, 'sql_file_invalid_yaml', {
      reason: firstLineOf(yamlError),
    });
  const content: unknown = document.toJS();
  if (!isPlainObject(content)) throw sqlFileError(path, 1, 'page_file_not_map');
  return { path, frontMatter: content, sql: '', sqlLine: 1, lineOf: (keyPath) => lineOf(document, lines, keyPath) };
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

/** New names of renamed keys. */
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
  text: { matches: (value) => typeof value === 'string', expected: 'a string' },
  number: { matches: (value) => typeof value === 'number', expected: 'a number' },
  flag: { matches: (value) => typeof value === 'boolean', expected: 'true or false' },
  texts: {
    matches: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
    expected: 'a list of strings',
  },
  map: { matches: isPlainObject, expected: 'key: value pairs' },
  scalar: { matches: (value) => ['string', 'number', 'boolean'].includes(typeof value), expected: 'a single value' },
  list: { matches: Array.isArray, expected: 'a list' },
};

/** Checks one object of the front matter; throws for an unknown key, a missing key or a value of the wrong type. */
export function validateObject<T>(
  file: SqlFile,
  keyPath: readonly (string | number)[],
  value: unknown,
  allowed: Record<string, Shape>,
  required: readonly string[] = [],
): T {
  const fullKey = (key: string): string => [...keyPath, key].join('.');
  if (!isPlainObject(value)) {
    throw sqlFileError(file.path, file.lineOf(keyPath), 'sql_file_invalid_type', {
      key: keyPath.join('.'),
      expected: shapes.map.expected,
      value: JSON.stringify(value),
    });
  }
  for (const [key, item] of Object.entries(value)) {
    const shape = Object.hasOwn(allowed, key) ? allowed[key] : undefined;
    const line = file.lineOf([...keyPath, key]);
    if (!shape) {
      const newName = Object.hasOwn(renamedKeys, key) ? renamedKeys[key] : undefined;
      if (newName !== undefined && Object.hasOwn(allowed, newName))
        throw sqlFileError(file.path, line, 'sql_file_renamed_key', { key: fullKey(key), new_name: newName });
      throw sqlFileError(file.path, line, 'sql_file_unknown_key', {
        key: fullKey(key),
        suggestion: suggest(key, Object.keys(allowed)),
      });
    }
    if (!shapes[shape].matches(item)) {
      throw sqlFileError(file.path, line, 'sql_file_invalid_type', {
        key: fullKey(key),
        expected: shapes[shape].expected,
        value: JSON.stringify(item),
      });
    }
  }
  for (const key of required) {
    if (!(key in value))
      throw sqlFileError(file.path, file.lineOf(keyPath), 'sql_file_missing_key', { key: fullKey(key) });
  }
  return value as T;
}
