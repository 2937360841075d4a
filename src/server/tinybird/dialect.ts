import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { brokenGzipError, compressionOf } from '../../ingest/input.ts';
import { clipped } from '../../text/plain-text.ts';
import { parseChoice } from '../http/query-params.ts';

/** How a CSV file is written, as far as it is told. */
export interface Dialect {
  delimiter?: string;
  /** True where a quote within a value has a backslash before it, rather than another quote. */
  hasBackslashes: boolean;
}

/** @throws WattduckError (usage) for what no CSV file is written with */
export function parseDialect(
  params: Partial<Record<'dialect_delimiter' | 'dialect_escapechar' | 'dialect_new_line', string>>,
): Dialect {
  const delimiter = params.dialect_delimiter === '\\t' ? '\t' : params.dialect_delimiter;
  if (delimiter !== undefined && !/^[\t!#-&(-/:-@[\]^`{-~]$/.test(delimiter)) {
    throw new WattduckError(
      'usage',
      clipped`dialect_delimiter: "${delimiter}" is not accepted`,
      'One sign stands between fields: a comma, a semicolon, a bar, \\t …',
    );
  }
  // Lines' ends are made out, whatever they are.
  parseChoice('dialect_new_line', params.dialect_new_line, ['\n', '\r\n', '\r', '\\n', '\\r\\n', '\\r']);
  const { dialect_escapechar: escape = '"' } = params;
  if (!['"', '\\'].includes(escape))
    throw new WattduckError(
      'usage',
      clipped`dialect_escapechar: "${escape}" is not accepted`,
      'It is a quote or a backslash.',
    );
  return { ...(delimiter === undefined ? {} : { delimiter }), hasBackslashes: escape === '\\' };
}

/**
 * Writes a CSV file anew, with quotes within values doubled instead of after a backslash; lines stay where they are.
 * @throws WattduckError failed for a broken gzip file, usage for one packed another way
 */
export async function doubleEscapedQuotes(path: string, copy: string): Promise<void> {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0).finally(() => file.close());
  const compression = compressionOf(buffer);
  if (compression === 'zstd')
    throw new WattduckError('usage', 'dialect_escapechar is not for zstd files', 'Send it plain or gzipped.');
  const decompress = compression === 'gzip' ? [createGunzip()] : [];
  await pipeline([createReadStream(path), ...decompress, createQuoteDoubler(), createWriteStream(copy)]).catch(
    (error: unknown) => {
      throw String((error as NodeJS.ErrnoException).code).startsWith('Z_') ? brokenGzipError('the file', error) : error;
    },
  );
}

function createQuoteDoubler(): Transform {
  let [rest, isQuoted] = ['', false];
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = rest + chunk.toString('latin1');
      // A backslash at the end of a chunk may belong to what the next begins with.
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
