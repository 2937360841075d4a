import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { literal, type DuckDb } from '../../src/warehouse/duckdb.ts';

export const fileExtensions = ['csv', 'csv.gz', 'ndjson', 'json', 'ndjson.zst', 'parquet'] as const;
export type FileExtension = (typeof fileExtensions)[number];

/** The start of each name, and of a file that is opened if the name is taken for a pattern or a URL. */
export const names: [string, string][] = [
  ['s[1]', 's1'],
  ['q?', 'qa'],
  ['*', 'any'],
  ['**', 'any'],
  ['a{b,c}', 'ab'],
  ['[!a]', 'b'],
  ['back\\slash[1]', 'back\\slash1'],
  ["it's", 'its'],
  ['say "so"', 'say so'],
  [' blank ', 'blank'],
  ['~', 'home'],
  ['~root', 'root'],
  ['%41', 'A'],
  ['-rf', 'rf'],
  ['--db', 'db'],
  ['$HOME', 'HOME'],
  ['line\nbreak*', 'line\nbreaks'],
  ['\u001B[31m', '\u001B3'],
  ['Cafe\u0301[1]', 'Café1'],
  ['${x}[0]', 'x0'],
  ['year=2024', 'year'],
  ['file:', 'file'],
  ['\uFFFD[1]', '\uFFFD1'],
];

const row = (id: string): string => JSON.stringify({ session_id: id, station_id: 'S', start_time: '2024-01-01' });
export const csv = (id: string): string => `session_id,station_id,start_time\n${id},S,2024-01-01\n`;
/** Writes a file with one session, in the format of its extension. */
export const writers = (
  duckdb: DuckDb,
  folder: string,
): Record<FileExtension, (path: string, id: string) => void | Promise<void>> => ({
  csv: (path, id) => writeFileSync(path, csv(id)),
  'csv.gz': (path, id) => writeFileSync(path, gzipSync(csv(id))),
  ndjson: (path, id) => writeFileSync(path, `${row(id)}\n`),
  json: (path, id) => writeFileSync(path, `[\n${row(id)}\n]\n`),
  'ndjson.zst': async (path, id) => {
    await duckdb.run(
      `copy (select ${literal(row(id))}) to ${literal(join(folder, 'made'))} (format csv, header false, delimiter '\\0', quote '', escape '', compression zstd)`,
    );
    renameSync(join(folder, 'made'), path);
  },
  parquet: async (path, id) => {
    await duckdb.run(
      `copy (select ${literal(id)} as session_id, 'S' as station_id, timestamp '2024-01-01' as start_time) to ${literal(join(folder, 'made'))} (format parquet)`,
    );
    renameSync(join(folder, 'made'), path);
  },
});
