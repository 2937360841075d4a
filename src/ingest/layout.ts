import { parse } from 'csv-parse/sync';
import { join } from 'node:path';
import { WattduckError } from '../errors.ts';
import { literal, type Engine } from '../warehouse/engine.ts';
import type { Input } from './input.ts';

/** How a file is laid out: its format, the names its rows bear, and how DuckDB reads it. */
export interface Layout {
  format: 'csv' | 'ndjson';
  /** Header fields of a CSV file; keys seen in the first rows of NDJSON. */
  names: string[];
  delimiter: string;
  path: string;
  compression: Input['compression'];
}

const longestLine = 16_777_216;
const sampleLines = 2_000;

/** One row a line of text, exactly as it stands; blank lines are null. */
export function lineReader({ path, compression }: Pick<Layout, 'path' | 'compression'>, options = '', longest = longestLine): string {
  return `read_csv(${literal(path)}, header = false, auto_detect = false, delim = '\\0', quote = '', escape = '',
    columns = {'text': 'VARCHAR'}, compression = '${compression}',
    max_line_size = ${longest}, buffer_size = ${2 * longest}${options})`;
}

/** Every CSV field as text in c0, c1 …; broken rows go to the rejects table. */
export function csvReader({ path, compression, delimiter, names }: Layout, options: string): string {
  const columns = names.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  return `read_csv(${literal(path)}, header = true, auto_detect = false, delim = ${literal(delimiter)}, quote = '"', escape = '"',
    columns = {${columns}}, compression = '${compression}',
    max_line_size = ${longestLine}, buffer_size = ${2 * longestLine}, ${options})`;
}

/** Every wanted key as text; a line that is no JSON object gives a row of nulls. */
export function jsonReader({ path, compression }: Layout, keys: readonly string[]): string {
  const columns = keys.map((key) => `${literal(key)}: 'VARCHAR'`).join(', ');
  return `read_json(${literal(path)}, format = 'newline_delimited', compression = '${compression}',
    columns = {${columns}}, ignore_errors = true)`;
}

/** Looks at the first lines; a JSON document becomes one object a line. */
export async function layoutOf(engine: Engine, input: Input): Promise<Layout> {
  const file = { path: input.path, compression: input.compression };
  const sample = await firstLines(engine, file);
  const first = sample.find((line) => line.trim() !== '');
  if (first === undefined) throw new WattduckError('failed', `${input.name} holds nothing but blank lines`, 'Check the export.');

  if (!/^\s*[[{]/.test(first)) {
    const [delimiter, names] = header(input.name, sample);
    return { format: 'csv', names, delimiter, ...file };
  }
  if (sample.some((line) => isObject(line))) return { format: 'ndjson', names: keysOf(sample), delimiter: '', ...file };
  const flat = { path: await flatten(engine, input), compression: 'uncompressed' as const };
  return { format: 'ndjson', names: keysOf(await firstLines(engine, flat)), delimiter: '', ...flat };
}

async function firstLines(engine: Engine, file: Pick<Layout, 'path' | 'compression'>): Promise<string[]> {
  // A small buffer, so that a look at the beginning does not read 32 MB.
  const reader = lineReader(file, ', strict_mode = false, ignore_errors = true', 1_048_576);
  const rows = await engine.rows(`select text from ${reader} limit ${sampleLines}`);
  return rows.map(({ text }) => String(text ?? '').replace(/^\uFEFF/, ''));
}

const delimiters = [',', ';', '\t', '|'];

/** The delimiter is the one that splits the header into most fields. */
function header(name: string, sample: readonly string[]): [string, string[]] {
  const text = sample.join('\n');
  const splits = delimiters.map((delimiter): [string, string[]] => [delimiter, firstRecord(name, text, delimiter)]);
  return splits.toSorted((a, b) => b[1].length - a[1].length)[0]!;
}

function firstRecord(name: string, text: string, delimiter: string): string[] {
  try {
    const [fields] = parse(text, { delimiter, to: 1, relax_quotes: true, relax_column_count: true, skip_empty_lines: true }) as string[][];
    return fields ?? [];
  } catch (error) {
    throw new WattduckError('failed', `${name}: the header can't be read: ${(error as Error).message}`, 'Check its quotes.', error);
  }
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function keysOf(lines: readonly string[]): string[] {
  const keys = new Set<string>();
  for (const line of lines.filter(isObject)) for (const key of Object.keys(JSON.parse(line) as object)) keys.add(key);
  return [...keys];
}

/** DuckDB refuses a CSV file that mixes CRLF and LF: a copy with LF alone serves instead. */
export async function withOneLineEnd(engine: Engine, input: Input, layout: Layout): Promise<Layout> {
  const path = join(await input.scratch(), 'lines.csv');
  await copyLines(engine, `select text from ${lineReader(layout, ', strict_mode = false')}`, path);
  return { ...layout, path, compression: 'uncompressed' };
}

export const mixesLineEnds = (error: unknown): boolean => /state machine reached an invalid state/.test(String(error));

/** An array or pretty-printed objects, as one object a line. */
async function flatten(engine: Engine, input: Input): Promise<string> {
  const path = join(await input.scratch(), 'records.ndjson');
  try {
    const reader = `read_json_objects(${literal(input.path)}, format = 'auto', compression = '${input.compression}')`;
    await copyLines(engine, `select json_extract(json, '$')::varchar as text from ${reader}`, path);
  } catch (error) {
    if (!/JSON/.test(String(error))) throw error;
    throw new WattduckError('failed', `${input.name} is broken JSON: ${String((error as Error).message).split('\n')[0]}`,
      'Export it again, or as one object a line.', error);
  }
  return path;
}

const copyLines = (engine: Engine, select: string, path: string): Promise<void> =>
  engine.run(`copy (${select}) to ${literal(path)} (format csv, header false, delimiter '\\0', quote '', escape '')`);
