import { isPlainObject } from '../catalog/plain-object.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { formatCount } from '../text/format-number.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import { copyWithLineFeeds, startsLikeJson, type Input } from './input.ts';
import { sampleLongRecords, writeRecords, type NestedList } from './json-document.ts';
import { detectTableHeader, maxColumns, type HeaderOptions } from './table-header.ts';
import { copyForDuckdb } from './table-copy.ts';
import { isNotBlank, lineBuffer, lineReader, maxLineBytes, type DataFile } from './line-reader.ts';
import { parquetToNdjson } from './parquet.ts';

/** Layout of a file: its format, its field names, and how DuckDB reads it. */
export interface Layout extends DataFile {
  format: 'csv' | 'ndjson';
  /** Distinct header fields of a CSV file, or the known keys of NDJSON: those of its first rows, unless a plan says that it has all. */
  names: string[];
  /** JSON keys that hold lists of objects, with the keys of those objects: pages and other envelopes. */
  lists: ReadonlyMap<string, string[]>;
  delimiter: string;
  /** Lines above the header of a CSV file, or above its first row. */
  skip?: number;
  /** False for a CSV file without a header. */
  hasHeader?: boolean;
  /** What the user says about the header. */
  headerOptions?: HeaderOptions;
  /** What was detected, for the user. */
  notes?: readonly string[];
}

const sampleLines = 2_000;

/** Name of a field by its position, in the output of every reader. */
export const fieldColumn = (place: number): string => `c${place}`;

/** Reader options that store the broken rows of a CSV file in the table `rejects`. */
const rejectOptions = ", store_rejects = true, rejects_table = 'rejects', rejects_scan = 'reject_scans'";

/** Reads every CSV field as text in c0, c1 …; broken rows go to the table `rejects`. */
export function csvReader(layout: Layout, options = rejectOptions): string {
  const { path, compression, delimiter, names, skip = 0, hasHeader = true } = layout;
  const columns = names.map((_, place) => `'${fieldColumn(place)}': 'VARCHAR'`).join(', ');
  return `read_csv(${literal(path)}, header = ${hasHeader}, skip = ${skip}, auto_detect = false, delim = ${literal(delimiter)}, quote = '"', escape = '"',
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

/** SQL for a select of the given keys from lines of JSON objects, named as `readJson` names them, with other columns. */
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
export interface LayoutOptions extends HeaderOptions {
  /** Normalized names of everything a file can have, to find the header of a CSV file. */
  knownNames?: ReadonlySet<string>;
  /** True if each line is a JSON record or broken. */
  rowByRow?: boolean;
}

/** Detects the layout from the first lines. Converts JSON documents and Parquet to one object per line. */
export async function detectLayout(duckdb: DuckDb, input: Input, options: LayoutOptions = {}): Promise<Layout> {
  if (input.isParquet) {
    const { path, names } = await parquetToNdjson(duckdb, input);
    const ndjson = { path, compression: 'uncompressed' as const };
    return { ...jsonLayout(input.name, ndjson, await firstLines(duckdb, ndjson, true)), names };
  }
  const file: DataFile = input.carriageReturns
    ? { path: await copyWithLineFeeds(input), compression: 'uncompressed' }
    : { path: input.path, compression: input.compression };
  const sample = await firstLines(duckdb, file, input.hasLongLine);
  if (options.rowByRow) return jsonLayout(input.name, file, sample);
  const firstLine = sample.find(isNotBlank);
  if (firstLine === undefined) {
    // A document on one line may be longer than any line of a table.
    if (isLikelyJson(input)) return flattenLists(duckdb, input, file, []);
    throw new WattduckError(sample.length === 0 ? 'no_text_lines' : 'blank_file', { file: input.name });
  }
  if (/^\s*[[{]/.test(firstLine))
    return startsDocument(firstLine) ? flattenLists(duckdb, input, file, []) : jsonLayout(input.name, file, sample);
  return tableLayout(input, file, sample, options);
}

/** The layout of a CSV file. A copy hides the lines above its header if DuckDB would misread them. */
async function tableLayout(
  input: Input,
  file: DataFile,
  sample: readonly string[],
  options: LayoutOptions,
): Promise<Layout> {
  const header = detectTableHeader(input.name, sample, options.knownNames ?? new Set(), options);
  const { delimiter, names, skip, hasHeader } = header;
  assertNotTooWide(input.name, names);
  assertCanHaveRows(input.name, sample.slice(skip), delimiter, names);
  const table = { skip, hasHeader, headerOptions: options, notes: header.notes };
  const above = input.firstText.split(/\r\n|\r|\n/);
  // A line that is not UTF-8 is not in the sample, so lines would be counted wrong.
  if (skip > 0 && input.firstText !== '' && above.length > skip && above[skip]!.replace(/^\uFEFF/, '') !== sample[skip])
    throw new WattduckError('header_not_utf8', { file: input.name });
  const path = await copyForDuckdb(input, file, header);
  const copy: DataFile = path === undefined ? file : { path, compression: 'uncompressed' };
  return { format: 'csv', names: distinctNames(names), lists: new Map(), delimiter, ...table, ...copy };
}

/** Whether a file without readable lines may be a JSON document; nothing is known of the text of a zstd file. */
const isLikelyJson = ({ firstText, compression }: Input): boolean =>
  compression === 'zstd' || startsLikeJson(firstText);

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
  const [, ...lines] = sample.filter(isNotBlank);
  const fields = lines.reduce((sum, line) => sum + line.split(delimiter).length - 1, 1);
  if (fields >= names.length) return;
  throw new WattduckError('rows_do_not_fit_header', {
    file: name,
    lines: formatCount(lines.length),
    columns: formatCount(names.length),
  });
}

function jsonLayout(name: string, file: DataFile, sample: readonly string[]): Layout {
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

/** Writes the elements of nested lists of a JSON file, or the records themselves, as one object per line. */
export async function flattenLists(
  duckdb: DuckDb,
  input: Input,
  file: DataFile,
  steps: readonly NestedList[],
): Promise<Layout> {
  const flat = { path: await writeRecords(duckdb, input, file, steps), compression: 'uncompressed' as const };
  const sample = await firstLines(duckdb, flat, true);
  if (sample.some(isNotBlank)) return jsonLayout(input.name, flat, sample);
  const { names, lists } = await sampleLongRecords(duckdb, input, flat, sampleLines);
  assertNotTooWide(input.name, names);
  return { format: 'ndjson', names, lists, delimiter: '', ...flat };
}

/** @param hasLongLine true if the first line may exceed the small buffer: DuckDB would skip it, sometimes silently */
async function firstLines(duckdb: DuckDb, file: DataFile, hasLongLine: boolean): Promise<string[]> {
  const read = (reader: string): ReturnType<DuckDb['rows']> =>
    duckdb.rows(`select text from ${reader} limit ${sampleLines}`);
  const all = (): ReturnType<DuckDb['rows']> => read(lineReader(file, ', ignore_errors = true'));
  // A small buffer first, to avoid reading 32 MB for a sample.
  const small = hasLongLine ? [] : await read(lineReader(file, '', 1_048_576)).catch(all);
  const rows = small.some(({ text }) => isNotBlank(String(text ?? ''))) ? small : await all();
  return rows.map(({ text }) => String(text ?? '').replace(/^\uFEFF/, ''));
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
