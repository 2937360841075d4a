import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { brokenGzipError, compressionOf } from '../../ingest/input.ts';
import { parseChoice } from '../http/query-params.ts';

/** CSV dialect of an upload, from its query parameters. */
export interface Dialect {
  delimiter?: string;
  /** True if quotes inside a value are escaped by a backslash instead of doubled. */
  hasBackslashes: boolean;
}

/** @throws WattduckError (invalid_delimiter, invalid_escape, invalid_query_value) */
export function parseDialect(
  params: Partial<Record<'dialect_delimiter' | 'dialect_escapechar' | 'dialect_new_line', string>>,
): Dialect {
  const delimiter = params.dialect_delimiter === '\\t' ? '\t' : params.dialect_delimiter;
  if (delimiter !== undefined && !/^[\t!#-&(-/:-@[\]^`{-~]$/.test(delimiter))
    throw new WattduckError('invalid_delimiter', { value: delimiter });
  // Only validated: line ends are detected.
  parseChoice('dialect_new_line', params.dialect_new_line, ['\n', '\r\n', '\r', '\\n', '\\r\\n', '\\r']);
  const { dialect_escapechar: escape = '"' } = params;
  if (!['"', '\\'].includes(escape)) throw new WattduckError('invalid_escape', { value: escape });
  return { ...(delimiter === undefined ? {} : { delimiter }), hasBackslashes: escape === '\\' };
}

/**
 * Copies a CSV file with backslash escapes, with every quote inside a value doubled instead; line numbers stay the same.
 * DuckDB's own `escape = '\\'` would drop the backslash of `"C:\temp"`, reject `""`, and keep the one of an unquoted `5\"`.
 * @throws WattduckError for a corrupt gzip file, or a zstd file
 */
export async function doubleEscapedQuotes(path: string, copy: string): Promise<void> {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0).finally(() => file.close());
  const compression = compressionOf(buffer);
  if (compression === 'zstd') throw new WattduckError('escape_with_zstd');
  const decompress = compression === 'gzip' ? [createGunzip()] : [];
  await pipeline([createReadStream(path), ...decompress, createQuoteDoubler(), createWriteStream(copy)]).catch(
    (error: unknown) => {
      throw String((error as NodeJS.ErrnoException).code).startsWith('Z_') ? brokenGzipError('the file', error) : error;
    },
  );
}

/** Replaces backslash escapes by doubled quotes. Latin-1 keeps every byte as it is. */
function createQuoteDoubler(): Transform {
  let [rest, isQuoted] = ['', false];
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = rest + chunk.toString('latin1');
      // A backslash at the end of a chunk may escape the first character of the next.
      const complete = /(?:^|[^\\])(?:\\\\)*\\$/.test(text) ? text.slice(0, -1) : text;
      rest = text.slice(complete.length);
      const doubled = complete.replaceAll(/\\["\\]|"/g, (match) => {
        if (match === '\\\\') return '\\';
        if (match === '"') isQuoted = !isQuoted;
        return isQuoted && match !== '"' ? '""' : '"';
      });
      done(null, Buffer.from(doubled, 'latin1'));
    },
    flush(done) {
      done(null, Buffer.from(rest, 'latin1'));
    },
  });
}
