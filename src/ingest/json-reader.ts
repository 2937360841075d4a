import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import { lineRejectOptions } from './bad-rows.ts';
import { assertNotTooWide, fieldColumn, type Layout } from './layout.ts';
import { lineReader, mixedLineEnds, uniformLineReader } from './line-reader.ts';

/** DuckDB's errors for lines that its JSON reader cannot read, or reads only in part. */
const jsonReadError = /JSON transform error in file|Malformed JSON in file|maximum_object_size/;

/** DuckDB's error for a key that the reader does not know. */
const unknownKeyError = /^Invalid Input Error: JSON transform error in file .* has unknown key "/s;

/** A line is not an object, or repeats a key: the file must be read line by line. */
export class UnreadableLine extends Error {}

/** The layout may not know every key of its file; `withAllKeys` makes a plan that does. */
export class UnknownKeys extends Error {}

/**
 * Reads the keys of an NDJSON layout as text in c0, c1 …
 * @throws UnreadableLine, and UnknownKeys unless the layout is known to have all keys
 */
export async function readJson<T>(
  duckdb: DuckDb,
  layout: Layout,
  hasAllKeys: boolean,
  read: (reader: string) => Promise<T>,
): Promise<T> {
  try {
    if (hasAllKeys && areColumnNames(layout.names)) return await read(knownKeysReader(layout));
    const reader = await strictReader(duckdb, layout);
    return await withParallelScan(duckdb, () => read(reader));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (unknownKeyError.test(message)) throw hasAllKeys ? new UnreadableLine() : new UnknownKeys();
    throw jsonReadError.test(message) ? new UnreadableLine() : error;
  }
}

/** Whether DuckDB accepts the keys as the names of columns, which ignore case. */
const areColumnNames = (names: readonly string[]): boolean =>
  names.length > 0 &&
  names.every((name) => name !== '' && !name.includes('\0')) &&
  new Set(names.map((name) => name.toLowerCase())).size === names.length;

function knownKeysReader({ path, compression, names }: Layout): string {
  const columns = names.map((key) => `${literal(key)}: 'VARCHAR'`).join(', ');
  return `read_json(${literal(path)}, format = 'newline_delimited', compression = '${compression}', hive_partitioning = false,
    columns = {${columns}}, records = true) as r(${names.map((_, place) => fieldColumn(place)).join(', ')})`;
}

/**
 * A reader that fails at an unknown key. DuckDB checks keys only if it detects them itself, and only if every column is read. So it
 * detects them in a first file, of one object with each key and a marker; the filter drops that object and reads every column.
 */
async function strictReader(duckdb: DuckDb, { path, compression, names }: Layout): Promise<string> {
  const marker = `wattduck ${randomUUID()}`;
  const keysPath = join(dirname(path), `keys-${randomUUID()}`);
  const keys = JSON.stringify(Object.fromEntries([...names, marker].map((name) => [name, 'x'])));
  await duckdb.run(
    `copy (select ${literal(keys)}) to ${literal(keysPath)} (format csv, header false, delimiter '\\0', quote '', escape '', compression '${compression}')`,
  );
  const columns = names.map((_, place) => fieldColumn(place));
  const readsEveryColumn = columns.length === 0 ? 'false' : `concat(${columns.join(', ')}) is null`;
  return `(select ${columns.join(', ') || '1'} from read_json([${literal(keysPath)}, ${literal(path)}], format = 'newline_delimited', compression = '${compression}',
      hive_partitioning = false, records = true, sample_size = 1, maximum_sample_files = 1, map_inference_threshold = -1) as r(${[...columns, 'marker'].join(', ')})
    where case when marker is null then true else ${readsEveryColumn} end)`;
}

/** Runs work with more threads than files: DuckDB reads a file in parallel only then. */
async function withParallelScan<T>(duckdb: DuckDb, work: () => Promise<T>): Promise<T> {
  if (duckdb.isShared) return work();
  const { threads } = await duckdb.row("select current_setting('threads')::int as threads");
  if (threads !== 2) return work();
  await duckdb.run('set threads = 3');
  try {
    return await work();
  } finally {
    // A failed transaction cannot change settings.
    await duckdb.run('set threads = 2').catch(() => undefined);
  }
}

/** Reads the lines of a file, fast if its line ends are uniform. Lines that are not UTF-8 are in the table `line_rejects` meanwhile. */
export async function readLines<T>(
  duckdb: DuckDb,
  layout: Pick<Layout, 'path' | 'compression'>,
  read: (reader: string) => Promise<T>,
): Promise<T> {
  const dropRejects = async (): Promise<void> => {
    for (const table of ['line_rejects', 'line_reject_scans']) await duckdb.run(`drop table if exists temp.${table}`);
  };
  const readWith = async (reader: string): Promise<T> => {
    await dropRejects();
    const result = await read(reader);
    await dropRejects();
    return result;
  };
  try {
    return await readWith(uniformLineReader(layout, lineRejectOptions));
  } catch (error) {
    if (!mixedLineEnds.test(String(error))) throw error;
    return readWith(lineReader(layout, lineRejectOptions));
  }
}

/** Every key of an NDJSON file, the known ones first, and whether every line is an object without repeated keys. */
export async function scanKeys(
  duckdb: DuckDb,
  layout: Layout,
  fileName: string,
): Promise<{ names: string[]; isClean: boolean }> {
  const keySets = await readLines(duckdb, layout, (reader) =>
    duckdb.rows(
      `with key_sets as materialized (
         select distinct case when json_valid(text) then case when json_type(text) = 'OBJECT' then json_keys(text) end end as keys
         from ${reader} where trim(text, ' \t\r') <> '')
       select key, false as is_broken from (select distinct unnest(keys) as key from key_sets)
       union all
       select null, count(*) > 0 from key_sets where keys is null or len(keys) <> len(list_distinct(keys))`,
    ),
  );
  const keys = keySets.filter(({ key }) => key !== null).map(({ key }) => String(key));
  const names = [...new Set([...layout.names, ...keys.toSorted()])];
  assertNotTooWide(fileName, names);
  return { names, isClean: !keySets.some((row) => row['is_broken']) };
}
