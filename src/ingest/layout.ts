import { parse } from 'csv-parse/sync';
import { join } from 'node:path';
import { isMap } from '../catalog/frontmatter.ts';
import { WattduckError } from '../errors.ts';
import { literal, type Engine } from '../warehouse/engine.ts';
import { copyWithLineFeeds, type Input } from './input.ts';

/** How a file is laid out: its format, the names its rows bear, and how DuckDB reads it. */
export interface Layout {
  format: 'csv' | 'ndjson';
  /** Header fields of a CSV file; keys seen in the first rows of NDJSON. */
  names: string[];
  delimiter: string;
  path: string;
  compression: Input['compression'];
}

/** What DuckDB says of lines that end now in LF, now in CRLF. */
export const unevenLines = /state machine reached an invalid state/;

const longestLine = 16_777_216;
const sampleLines = 2_000;

/** One row a line of text, ended by LF or CRLF; blank lines are null. */
export const lineReader = (file: Pick<Layout, 'path' | 'compression'>, options = '', longest = longestLine): string =>
  evenLineReader(file, `, new_line = '\\r\\n', strict_mode = false${options}`, longest);

/** The same at five times the speed, of a file whose lines all end alike; DuckDB refuses any other. */
export function evenLineReader({ path, compression }: Pick<Layout, 'path' | 'compression'>, options = '', longest = longestLine): string {
  return `read_csv(${literal(path)}, header = false, auto_detect = false, delim = '\\0', quote = '', escape = '',
    columns = {'text': 'VARCHAR'}, compression = '${compression}',
    max_line_size = ${longest}, buffer_size = ${2 * longest}${options})`;
}

/** Every CSV field as text in c0, c1 …; broken rows go to the table `rejects`. */
export function csvReader({ path, compression, delimiter, names }: Layout): string {
  const columns = names.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  return `read_csv(${literal(path)}, header = true, auto_detect = false, delim = ${literal(delimiter)}, quote = '"', escape = '"',
    columns = {${columns}}, compression = '${compression}',
    max_line_size = ${longestLine}, buffer_size = ${2 * longestLine}, store_rejects = true, rejects_table = 'rejects', rejects_scan = 'reject_scans')`;
}

/** Every wanted key as text; a line that is no JSON object gives a row of nulls. */
export function jsonReader({ path, compression }: Layout, keys: readonly string[]): string {
  const columns = keys.map((key) => `${literal(key)}: 'VARCHAR'`).join(', ');
  return `read_json(${literal(path)}, format = 'newline_delimited', compression = '${compression}',
    columns = {${columns}}, ignore_errors = true)`;
}

/** Looks at the first lines; a JSON document becomes one object a line. */
export async function layoutOf(engine: Engine, input: Input): Promise<Layout> {
  const file: Pick<Layout, 'path' | 'compression'> = input.carriageReturns
    ? { path: await copyWithLineFeeds(input), compression: 'uncompressed' }
    : { path: input.path, compression: input.compression };
  const sample = await firstLines(engine, file);
  const first = sample.find((line) => line.trim() !== '');
  if (first === undefined) throw new WattduckError('failed', `${input.name} holds nothing but blank lines`, 'Check the export.');

  if (!/^\s*[[{]/.test(first)) {
    const [delimiter, names] = header(input.name, sample);
    return { format: 'csv', names, delimiter, ...file };
  }
  if (!beginsDocument(first)) return { format: 'ndjson', names: keysOf(sample), delimiter: '', ...file };
  const flat = { path: await flatten(engine, input), compression: 'uncompressed' as const };
  return { format: 'ndjson', names: keysOf(await firstLines(engine, flat)), delimiter: '', ...flat };
}

async function firstLines(engine: Engine, file: Pick<Layout, 'path' | 'compression'>): Promise<string[]> {
  // A small buffer, so that a look at the beginning does not read 32 MB.
  const reader = lineReader(file, ', ignore_errors = true', 1_048_576);
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

/** Whether a first line begins a document over many lines, or is an array of records, rather than one record. */
function beginsDocument(first: string): boolean {
  const value = jsonOf(first);
  return value === undefined ? /[[{,:]\s*$/.test(first) : Array.isArray(value) && value.some(isMap);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function keysOf(lines: readonly string[]): string[] {
  const keys = new Set<string>();
  for (const record of lines.map(jsonOf).filter(isMap)) for (const key of Object.keys(record)) keys.add(key);
  return [...keys];
}

/** An array or pretty-printed objects, as one object a line. */
async function flatten(engine: Engine, input: Input): Promise<string> {
  const path = join(await input.scratch(), 'records.ndjson');
  const broken = (why: string, cause?: unknown): WattduckError =>
    new WattduckError('failed', `${input.name} is broken JSON: ${why}`, 'Export it again, or as one object a line.', cause);
  // DuckDB takes an array for whole that breaks off after a comma.
  const { end } = await engine.row(
    `select arg_max(text, line) as end from (select row_number() over () as line, text from ${lineReader(input, ', ignore_errors = true')}) where trim(text) <> ''`,
  );
  if (!/[\]}]\s*$/.test(String(end))) throw broken(`it breaks off after ${String(end).trim().slice(-40)}`);
  try {
    const reader = `read_json_objects(${literal(input.path)}, format = 'auto', compression = '${input.compression}')`;
    await engine.run(
      `copy (select json_extract(json, '$')::varchar as text from ${reader})
       to ${literal(path)} (format csv, header false, delimiter '\\0', quote '', escape '')`,
    );
  } catch (error) {
    if (!/JSON/.test(String(error))) throw error;
    throw broken(String((error as Error).message).split('\n')[0] ?? '', error);
  }
  return path;
}
