import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { isPlainObject } from '../../catalog/plain-object.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';

/** Rows of a request, one JSON record per line; lines may be invalid. */
export interface JsonLines {
  /** Lines end in LF; none is blank. */
  text: Buffer;
  count: number;
  /** Keys of all records; undefined if the body is too large to inspect. */
  keys?: string[];
}

/** Max bytes of a decompressed body. */
export const maxDecompressedBytes = 104_857_600;
/** Max bytes of a line that DuckDB reads. */
const maxLineBytes = 16_777_216;
/** Max bytes of a body whose records are all inspected. */
const maxInspectedBytes = 1_048_576;

const decompressors: Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * Decompresses a request body.
 * @param encoding its Content-Encoding; gzip is detected without it
 * @throws WattduckError (unsupported_encoding, corrupt_body, decompressed_body_too_large)
 */
export async function decompress(body: Buffer, encoding = 'identity'): Promise<Buffer> {
  // JSON never begins with the magic bytes of gzip.
  const encodingName =
    encoding.trim().toLowerCase() === 'identity' && body[0] === 0x1f && body[1] === 0x8b
      ? 'gzip'
      : encoding.trim().toLowerCase();
  if (encodingName === 'identity') return body;
  const decompressor = Object.hasOwn(decompressors, encodingName) ? decompressors[encodingName] : undefined;
  if (!decompressor)
    throw new WattduckError('unsupported_encoding', {
      encoding,
      known: [...Object.keys(decompressors), 'identity'].join(', '),
    });
  try {
    return await decompressor(body, { maxOutputLength: maxDecompressedBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw bodyTooLargeError(error);
    throw new WattduckError('corrupt_body', { encoding: encodingName, reason: (error as Error).message }, error);
  }
}

const bodyTooLargeError = (cause?: unknown): WattduckError =>
  new WattduckError('decompressed_body_too_large', { max: maxDecompressedBytes / 1_048_576 }, cause);

/**
 * The rows of a body: NDJSON, one object over any number of lines, or an array.
 * @param format json for one value, ndjson for lines; detected if undefined
 * @throws WattduckError (usage, payload_too_large)
 */
export function parseJsonLines(body: Buffer, format?: 'json' | 'ndjson'): JsonLines {
  if (!isUtf8(body)) throw new WattduckError('body_not_utf8');
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  const lines = text.split(/\r\n?|\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new WattduckError('empty_body');
  const records = format !== 'json' && isRecord(lines[0]!) ? lines : splitRecords(text, lines, format);
  const tooLong = records.find((line) => line.length > maxLineBytes / 4 && Buffer.byteLength(line) >= maxLineBytes);
  if (tooLong !== undefined) throw new WattduckError('row_too_long', { row: tooLong.slice(0, 40) });
  const rows = { text: Buffer.from(records.map((line) => `${line}\n`).join('')), count: records.length };
  return rows.text.length > maxInspectedBytes ? rows : { ...rows, keys: collectKeys(records) };
}

/** Records of a body whose first line is not a record. */
function splitRecords(
  text: string,
  lines: readonly string[],
  format: 'json' | 'ndjson' | undefined,
): readonly string[] {
  const [value, parseError] = format === 'ndjson' ? [] : tryParse(text);
  if (Array.isArray(value)) return splitArray(text);
  // Valid JSON has line breaks only between tokens.
  if (isPlainObject(value)) return [text.replaceAll(/[\r\n]+/g, ' ')];
  if (format !== 'json' && lines.some(isRecord)) return lines;
  const reason = parseError === undefined ? '' : `: ${parseError.message}`;
  throw new WattduckError('no_json_object', { reason }, parseError);
}

function tryParse(text: string): [unknown, undefined] | [undefined, Error] {
  try {
    return [JSON.parse(text), undefined];
  } catch (error) {
    return [undefined, error as Error];
  }
}

const isRecord = (line: string): boolean => /^\s*\{/.test(line) && isPlainObject(tryParse(line)[0]);

function collectKeys(records: readonly string[]): string[] {
  const keys = new Set<string>();
  for (const record of records) {
    const [value] = tryParse(record);
    if (isPlainObject(value)) for (const key of Object.keys(value)) keys.add(key);
  }
  return [...keys].toSorted();
}

/** Elements of a valid JSON array, each on one line. The text is kept: parsing and serializing it would change large numbers. */
function splitArray(array: string): string[] {
  const text = array.replaceAll(/[\r\n]+/g, ' ');
  const elements: string[] = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (char === '"') at = endOfString(text, at);
    else if (char === '[' || char === '{') {
      depth += 1;
      if (depth === 1) start = at + 1;
    } else if (char === ']' || char === '}') depth -= 1;
    if ((char === ',' && depth === 1) || (char === ']' && depth === 0)) {
      elements.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return elements.filter((element) => element !== '');
}

/** Index of the closing quote of the JSON string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += text[at] === '\\' ? 2 : 1) if (text[at] === '"') return at;
}
