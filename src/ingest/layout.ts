import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { isPlainObject } from '../catalog/front-matter.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { formatCount } from '../text/format-number.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import { copyWithLineFeeds, type Input } from './input.ts';
import { parquetToNdjson } from './parquet.ts';

/** Layout of a file: its format, its field names, and how DuckDB reads it. */
export interface Layout {
  format: 'csv' | 'ndjson';
  /** Distinct header fields of a CSV file, or the known keys of NDJSON: those of its first rows, unless a plan says that it has all. */
  names: string[];
  /** JSON keys that hold lists of objects, with the keys of those objects: pages and other envelopes. */
  lists: ReadonlyMap<string, string[]>;
  delimiter: string;
  path: string;
  compression: Input['compression'];
}

/** DuckDB's error for a file that mixes LF and CRLF. */
export const mixedLineEnds = /state machine reached an invalid state/;

const maxLineBytes = 16_777_216;
/** Bytes of the read buffer; DuckDB drops longer lines. */
export const lineBuffer = 2 * maxLineBytes;
const sampleLines = 2_000;
/** DuckDB takes seconds to plan a file with more columns. */
const maxColumns = 10_000;

/** Name of a field by its position, in the output of every reader. */
export const fieldColumn = (place: number): string => `c${place}`;

/** Reads one row per line, ended by LF or CRLF; blank lines are null. */
export const lineReader = (file: Pick<Layout, 'path' | 'compression'>, options = '', maxBytes = maxLineBytes): string =>
  uniformLineReader(file, `, new_line = '\\r\\n', strict_mode = false${options}`, maxBytes);

/** Like `lineReader` at five times the speed; DuckDB fails if the file mixes line ends. */
export function uniformLineReader(
  { path, compression }: Pick<Layout, 'path' | 'compression'>,
  options = '',
  maxBytes = maxLineBytes,
): string {
  return `read_csv(${literal(path)}, header = false, auto_detect = false, delim = '\\0', quote = '', escape = '',
    columns = {'text': 'VARCHAR'}, compression = '${compression}', hive_partitioning = false,
    max_line_size = ${maxBytes}, buffer_size = ${2 * maxBytes}${options})`;
}

/** Reader options that store the broken rows of a CSV file in the table `rejects`. */
const rejectOptions = ", store_rejects = true, rejects_table = 'rejects', rejects_scan = 'reject_scans'";

/** Reads every CSV field as text in c0, c1 …; broken rows go to the table `rejects`. */
export function csvReader({ path, compression, delimiter, names }: Layout, options = rejectOptions): string {
  const columns = names.map((_, place) => `'${fieldColumn(place)}': 'VARCHAR'`).join(', ');
  return `read_csv(${literal(path)}, header = true, auto_detect = false, delim = ${literal(delimiter)}, quote = '"', escape = '"',
    columns = {${columns}}, compression = '${compression}', hive_partitioning = false,
    max_line_size = ${maxLineBytes}, buffer_size = ${lineBuffer}${options})`;
}

/** Reads the given fields of the rows that parse, named as the readers of the format name them; others are skipped, or rows of nulls. */
export function readableRows(layout: Layout, keys: readonly string[]): string {
  if (layout.format === 'csv') return csvReader(layout, ', ignore_errors = true');
  const record = "case when json_valid(text) then case when json_type(text) = 'OBJECT' then text end end";
  return jsonFields(layout, keys, {
    from: `(select ${record} as text from ${lineReader(layout, ', ignore_errors = true')})`,
    text: 'text',
  });
}

/** SQL for a select of the given keys from lines of JSON objects, named as `readJson` names them, beside other columns. */
export function jsonFields(
  { names }: Layout,
  keys: readonly string[],
  { from, text, columns = [] }: { from: string; text: string; columns?: readonly string[] },
): string {
  const found = keys.filter((key) => names.includes(key));
  const paths = found.map((key) => literal(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)).join(', ');
  const values = found.map((key, place) => `fields[${place + 1}] as ${fieldColumn(names.indexOf(key))}`);
  const fields = found.length === 0 ? 'null' : `json_extract_string(${text}, [${paths}])`;
  return `(select ${[...columns, ...values].join(', ') || '1'} from (select *, ${fields} as fields from ${from}))`;
}

/** Parts of a layout that are known and need no detection. */
export interface LayoutOptions {
  /** Field separator of a CSV file. */
  delimiter?: string;
  /** True if each line is a JSON record or broken. */
  rowByRow?: boolean;
}

/** Detects the layout from the first lines. Converts JSON documents and Parquet to one object per line. */
export async function detectLayout(
  duckdb: DuckDb,
  input: Input,
  { delimiter: givenDelimiter, rowByRow = false }: LayoutOptions = {},
): Promise<Layout> {
  if (input.isParquet) {
    const { path, names } = await parquetToNdjson(duckdb, input);
    const ndjson = { path, compression: 'uncompressed' as const };
    return { ...jsonLayout(input.name, ndjson, await firstLines(duckdb, ndjson, true)), names };
  }
  const file: Pick<Layout, 'path' | 'compression'> = input.carriageReturns
    ? { path: await copyWithLineFeeds(input), compression: 'uncompressed' }
    : { path: input.path, compression: input.compression };
  const sample = await firstLines(duckdb, file, input.hasLongLine);
  if (rowByRow) return jsonLayout(input.name, file, sample);
  const firstLine = sample.find((line) => line.trim() !== '');
  if (sample.length === 0) throw new WattduckError('no_text_lines', { file: input.name });
  if (firstLine === undefined) throw new WattduckError('blank_file', { file: input.name });

  if (!/^\s*[[{]/.test(firstLine)) {
    const [delimiter, names] = detectHeader(
      input.name,
      sample,
      givenDelimiter === undefined ? delimiters : [givenDelimiter],
    );
    assertNotTooWide(input.name, names);
    assertCanHaveRows(input.name, sample, delimiter, names);
    return { format: 'csv', names: distinctNames(names), lists: new Map(), delimiter, ...file };
  }
  if (!startsDocument(firstLine)) return jsonLayout(input.name, file, sample);
  return flattenLists(duckdb, input, file, []);
}

/** Appends its position to a name that occurs again in the header. */
function distinctNames(names: readonly string[]): string[] {
  const firstPlace = new Map<string, number>();
  for (const [place, name] of names.entries()) if (!firstPlace.has(name)) firstPlace.set(name, place);
  return names.map((name, place) => (firstPlace.get(name) === place ? name : `${name} (${place + 1})`));
}

export function assertNotTooWide(name: string, names: readonly string[]): void {
  if (names.length <= maxColumns) return;
  throw new WattduckError('too_many_columns', {
    file: name,
    columns: formatCount(names.length),
    max: formatCount(maxColumns),
  });
}

/** Rejects a long file whose lines have too few delimiters for a single row: DuckDB would take minutes to reject each line. */
function assertCanHaveRows(name: string, sample: readonly string[], delimiter: string, names: readonly string[]): void {
  if (sample.length < sampleLines) return;
  const [, ...lines] = sample.filter((line) => line.trim() !== '');
  const fields = lines.reduce((sum, line) => sum + line.split(delimiter).length - 1, 1);
  if (fields >= names.length) return;
  throw new WattduckError('rows_do_not_fit_header', {
    file: name,
    lines: formatCount(lines.length),
    columns: formatCount(names.length),
  });
}

function jsonLayout(name: string, file: Pick<Layout, 'path' | 'compression'>, sample: readonly string[]): Layout {
  const records = sample.map(tryParseJson).filter(isPlainObject);
  const lists = new Map<string, string[]>();
  for (const [key, value] of records.flatMap((record) => Object.entries(record))) {
    const items = Array.isArray(value) ? value.filter(isPlainObject) : [];
    if (items.length > 0)
      lists.set(key, keysOf([...items, Object.fromEntries((lists.get(key) ?? []).map((each) => [each, 0]))]));
  }
  const names = keysOf(records);
  assertNotTooWide(name, names);
  return { format: 'ndjson', names, lists, delimiter: '', ...file };
}

/** A list in each record of a file: its key, and whether its elements keep the rest of the record as `parent`. */
export interface NestedList {
  key: string;
  withParent: boolean;
}

/** Writes the elements of nested lists of a JSON file, or the records themselves, as one object per line. */
export async function flattenLists(
  duckdb: DuckDb,
  input: Input,
  { path, compression }: Pick<Layout, 'path' | 'compression'>,
  steps: readonly NestedList[],
): Promise<Layout> {
  const flat = {
    path: await writeRecords(duckdb, input, { path, compression }, steps),
    compression: 'uncompressed' as const,
  };
  return jsonLayout(input.name, flat, await firstLines(duckdb, flat, true));
}

/** @param hasLongLine true if the first line may exceed the small buffer: DuckDB would skip it, sometimes silently */
async function firstLines(
  duckdb: DuckDb,
  file: Pick<Layout, 'path' | 'compression'>,
  hasLongLine: boolean,
): Promise<string[]> {
  const read = (reader: string): ReturnType<DuckDb['rows']> =>
    duckdb.rows(`select text from ${reader} limit ${sampleLines}`);
  const all = (): ReturnType<DuckDb['rows']> => read(lineReader(file, ', ignore_errors = true'));
  // A small buffer first, to avoid reading 32 MB for a sample.
  const small = hasLongLine ? [] : await read(lineReader(file, '', 1_048_576)).catch(all);
  const rows = small.length > 0 ? small : await all();
  return rows.map(({ text }) => String(text ?? '').replace(/^\uFEFF/, ''));
}

const delimiters = [',', ';', '\t', '|'];

/** Picks the delimiter that splits the header into the most fields. */
function detectHeader(name: string, sample: readonly string[], candidates: readonly string[]): [string, string[]] {
  const text = sample.join('\n');
  const splits = candidates.map((delimiter): [string, string[]] => [delimiter, firstRecord(name, text, delimiter)]);
  return splits.toSorted((a, b) => b[1].length - a[1].length)[0]!;
}

function firstRecord(name: string, text: string, delimiter: string): string[] {
  try {
    const [fields] = parse(text, {
      delimiter,
      to: 1,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as string[][];
    return fields ?? [];
  } catch (error) {
    throw new WattduckError('unreadable_header', { file: name, reason: (error as Error).message }, error);
  }
}

/** Whether a first line starts a multi-line document or is an array of records, rather than one record. */
function startsDocument(line: string): boolean {
  const value = tryParseJson(line);
  return value === undefined ? /[[{,:]\s*$/.test(line) : Array.isArray(value) && value.some(isPlainObject);
}

function tryParseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const keysOf = (records: readonly object[]): string[] => [...new Set(records.flatMap(Object.keys))];

/** Writes an array or pretty-printed objects, or the lists in them, as one object per line. */
async function writeRecords(
  duckdb: DuckDb,
  input: Input,
  file: Pick<Layout, 'path' | 'compression'>,
  steps: readonly NestedList[],
): Promise<string> {
  const path = join(await input.scratch(), `records-${randomUUID()}.ndjson`);
  const brokenJsonError = (reason: string, cause?: unknown): WattduckError =>
    new WattduckError('broken_json', { file: input.name, reason }, cause);
  // DuckDB accepts an array that is truncated after a comma.
  const { end } = await duckdb.row(
    `select arg_max(text, line) as end from (select row_number() over () as line, text from ${lineReader(file, ', ignore_errors = true')}) where trim(text) <> ''`,
  );
  if (!/[\]}]\s*$/.test(String(end))) throw brokenJsonError(`it ends after ${String(end).trim().slice(-40)}`);
  // One object may span the whole file, and a compressed file expands to many times its size.
  const maxObjectBytes = Math.max(
    maxLineBytes,
    file.compression === 'uncompressed' ? input.bytes + 1 : Math.min(input.bytes * 30, 2 ** 32 - 1),
  );
  try {
    const reader = `read_json_objects(${literal(file.path)}, format = 'auto', compression = '${file.compression}', hive_partitioning = false, maximum_object_size = ${maxObjectBytes})`;
    await duckdb.run(
      `copy (select json_extract(record, '$')::varchar as text from (${steps.reduce(unnestSql, `select json as record from ${reader}`)}))
       to ${literal(path)} (format csv, header false, delimiter '\\0', quote '', escape '')`,
    );
  } catch (error) {
    if (!/JSON/.test(String(error))) throw error;
    throw brokenJsonError(String((error as Error).message).split('\n')[0] ?? '', error);
  }
  return path;
}

function unnestSql(records: string, { key, withParent }: NestedList): string {
  const path = literal(`$."${key.replaceAll(/["\\]/g, '\\$&')}"[*]`);
  const items = `select record, unnest(json_extract(record, ${path})) as item from (${records})`;
  if (!withParent) return `select item as record from (${items})`;
  // json_merge_patch() recurses: a deeply nested value would overflow its stack and end the process.
  const members = `list_transform(list_filter(json_keys(record), lambda key: key <> ${literal(key)}), lambda key: to_json(key)::varchar || ':' || ${jsonMember('record', 'key')})`;
  const parent = `'{"parent":{' || coalesce(array_to_string(${members}, ','), '') || '}'`;
  const others =
    "case when json_type(item) = 'OBJECT' and item::varchar <> '{}' then ',' || substr(item::varchar, 2) else '}' end";
  return `select ${parent} || ${others} as record from (${items})`;
}

/** SQL for a member of a JSON object as JSON text; its key may have any characters. */
const jsonMember = (object: string, key: string): string =>
  `json_extract(${object}, '/' || replace(replace(${key}, '~', '~0'), '/', '~1'))::varchar`;
