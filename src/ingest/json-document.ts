import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { WattduckError } from '../errors/wattduck-error.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import { brokenGzipError, type Input } from './input.ts';
import { contentStreams, lineReader, maxLineBytes, type DataFile } from './line-reader.ts';

/** A list in each record of a file: its key, and whether its elements keep the rest of the record as `parent`. */
export interface NestedList {
  key: string;
  withParent: boolean;
}

/** Max bytes of one object, a limit of DuckDB. */
const maxObjectBytes = 2 ** 32 - 1;

/** Writes an array or pretty-printed objects, or the lists in them, as one object per line. Returns the path. */
export async function writeRecords(
  duckdb: DuckDb,
  input: Input,
  original: DataFile,
  steps: readonly NestedList[],
): Promise<string> {
  const file = await decompressed(input, original);
  const brokenJsonError = (reason: string, cause?: unknown): WattduckError =>
    new WattduckError('broken_json', { file: input.name, reason }, cause);
  // DuckDB accepts an array that is truncated after a comma.
  const end = await lastText(duckdb, file);
  if (!/[\]}]$/.test(end)) throw brokenJsonError(`it ends after ${end.slice(-40)}`);
  const path = join(await input.scratch(), `records-${randomUUID()}.ndjson`);
  const write = (objectBytes: number): Promise<void> =>
    duckdb.run(
      `copy (select json_extract(record, '$')::varchar as text from (${steps.reduce(unnestSql, `select json as record from ${objectReader(file, objectBytes)}`)}))
       to ${literal(path)} (format csv, header false, delimiter '\\0', quote '', escape '')`,
    );
  try {
    // DuckDB reserves memory for the largest object: only few documents are one.
    await write(maxLineBytes).catch(async (error: unknown) => {
      if (!tooLargeObject.test(String(error))) throw error;
      await write(await objectBound(file));
    });
  } catch (error) {
    throwIfTooLarge(error, input);
    if (!/JSON/.test(String(error))) throw error;
    throw brokenJsonError(String((error as Error).message).split('\n')[0] ?? '', error);
  }
  return path;
}

const tooLargeObject = /maximum_object_size/;

/** @throws WattduckError (json_document_too_large) if that is what DuckDB's error means */
function throwIfTooLarge(error: unknown, { name }: Input): void {
  if (/Out of Memory|could not allocate/i.test(String(error)) || tooLargeObject.test(String(error)))
    throw new WattduckError('json_document_too_large', { file: name }, error);
}

const objectReader = ({ path, compression }: DataFile, objectBytes: number, format = 'auto'): string =>
  `read_json_objects(${literal(path)}, format = '${format}', compression = '${compression}', hive_partitioning = false, maximum_object_size = ${objectBytes})`;

/** No object of the file has more bytes. Node cannot decompress zstd, so the size of its text is estimated. */
async function objectBound({ path, compression }: DataFile): Promise<number> {
  const { size } = await stat(path);
  return Math.min(compression === 'uncompressed' ? size + 1 : Math.max(536_870_912, size * 30), maxObjectBytes);
}

/** The file, or a decompressed copy of a gzip file. */
async function decompressed(input: Input, file: DataFile): Promise<DataFile> {
  if (file.compression !== 'gzip') return file;
  const path = join(await input.scratch(), `document-${randomUUID()}`);
  await pipeline([...contentStreams(file), createWriteStream(path)], { signal: input.signal }).catch(
    (error: unknown) => {
      throw String((error as NodeJS.ErrnoException).code).startsWith('Z_') ? brokenGzipError(input.name, error) : error;
    },
  );
  return { path, compression: 'uncompressed' };
}

/** The last text of a file, without blanks at its end. */
async function lastText(duckdb: DuckDb, file: DataFile): Promise<string> {
  if (file.compression !== 'uncompressed') {
    const lastLine = async (lineBytes: number): Promise<unknown> =>
      (
        await duckdb.row(
          `select arg_max(right(text, 40), line) as text from (select row_number() over () as line, text from ${lineReader(file, ', ignore_errors = true', lineBytes)}) where trim(text) <> ''`,
        )
      )['text'];
    return String((await lastLine(maxLineBytes)) ?? (await lastLine(await objectBound(file)))).trim();
  }
  const handle = await open(file.path);
  try {
    let { size } = await handle.stat();
    for (let text = ''; ;) {
      const length = Math.min(size, 65_536);
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      text = (buffer.toString() + text).trimEnd();
      size -= length;
      if (text !== '' || size === 0) return text;
    }
  } finally {
    await handle.close();
  }
}

/** Keys of the first records of a file with long lines, and of the objects in their lists, by key. */
export async function sampleLongRecords(
  duckdb: DuckDb,
  input: Input,
  file: DataFile,
  records: number,
): Promise<{ names: string[]; lists: Map<string, string[]> }> {
  const rows = await duckdb
    .rows(
      `with members as (
         select unnest(json_keys(json)) as key, unnest(json_extract(json, '$.*')) as value
         from (select json from ${objectReader(file, await objectBound(file), 'newline_delimited')} where json_type(json) = 'OBJECT' limit ${records}))
       select key, list_distinct(flatten(list(case when json_type(value) = 'ARRAY' then ${itemKeys} end))) as keys
       from members group by key`,
    )
    .catch((error: unknown) => {
      throwIfTooLarge(error, input);
      throw error;
    });
  const lists = rows.map(({ key, keys }): [string, string[]] => [String(key), (keys as string[] | null) ?? []]);
  return { names: lists.map(([key]) => key), lists: new Map(lists.filter(([, keys]) => keys.length > 0)) };
}

/** SQL for the keys of the first objects in a JSON array. */
const itemKeys = `list_distinct(flatten(list_transform(json_extract(value, [${Array.from({ length: 200 }, (_, at) => `'$[${at}]'`).join(', ')}]),
  lambda item: case when json_type(item) = 'OBJECT' then json_keys(item) else [] end)))`;

function unnestSql(records: string, { key, withParent }: NestedList): string {
  const path = literal(`$."${key.replaceAll(/["\\]/g, '\\$&')}"[*]`);
  if (!withParent) return `select unnest(json_extract(record, ${path})) as record from (${records})`;
  const items = `select record, unnest(json_extract(record, ${path})) as item from (${records})`;
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
