import { createReadStream, type ReadStream } from 'node:fs';
import { createGunzip, type Gunzip } from 'node:zlib';
import { literal } from '../warehouse/duckdb.ts';

/** A file that DuckDB reads. */
export interface DataFile {
  path: string;
  compression: 'uncompressed' | 'gzip' | 'zstd';
}

/** Streams that read a file, decompressed if it is a gzip file; the begin of a pipeline. */
export const contentStreams = ({ path, compression }: DataFile): (ReadStream | Gunzip)[] => [
  createReadStream(path, { highWaterMark: 1_048_576 }),
  ...(compression === 'gzip' ? [createGunzip()] : []),
];

/** Whether a line has more than white space. */
export const isNotBlank = (line: string): boolean => line.trim() !== '';

/** DuckDB's error for a file that mixes LF and CRLF. */
export const mixedLineEnds = /state machine reached an invalid state/;

/** Max bytes of a line. */
export const maxLineBytes = 16_777_216;
/** Bytes of the read buffer; DuckDB drops longer lines. */
export const lineBuffer = 2 * maxLineBytes;

/** Reads one row per line, ended by LF or CRLF; blank lines are null. */
export const lineReader = (file: DataFile, options = '', maxBytes = maxLineBytes): string =>
  uniformLineReader(file, `, new_line = '\\r\\n', strict_mode = false${options}`, maxBytes);

/** Like `lineReader` at five times the speed; DuckDB fails if the file mixes line ends. */
export function uniformLineReader({ path, compression }: DataFile, options = '', maxBytes = maxLineBytes): string {
  return `read_csv(${literal(path)}, header = false, auto_detect = false, delim = '\\0', quote = '', escape = '',
    columns = {'text': 'VARCHAR'}, compression = '${compression}', hive_partitioning = false,
    max_line_size = ${maxBytes}, buffer_size = ${2 * maxBytes}${options})`;
}
