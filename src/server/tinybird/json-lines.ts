import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { isPlainObject } from '../../catalog/front-matter.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipped } from '../../text/plain-text.ts';

/** Rows as they came: one JSON record a line, or what should be one. */
export interface JsonLines {
  /** Each line ends in LF; none is blank. */
  text: Buffer;
  count: number;
  /** The keys of all records; nothing where there are too many records to look at each. */
  keys?: string[];
}

/** Most bytes of a body once it is unpacked. */
export const maxDecompressedBytes = 104_857_600;
/** Longest line DuckDB reads, in bytes. */
const maxLineBytes = 16_777_216;
/** Bytes of a body of which every record is looked at. */
const maxInspectedBytes = 1_048_576;

const decompressors: Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * A body as it was before its client packed it; unpacking stops at the most there may be.
 * @throws WattduckError usage, unsupported_media_type or payload_too_large
 */
export async function decompress(body: Buffer, encoding = 'identity'): Promise<Buffer> {
  // JSON does not begin so.
  const encodingName =
    encoding.trim().toLowerCase() === 'identity' && body[0] === 0x1f && body[1] === 0x8b
      ? 'gzip'
      : encoding.trim().toLowerCase();
  if (encodingName === 'identity') return body;
  const decompressor = Object.hasOwn(decompressors, encodingName) ? decompressors[encodingName] : undefined;
  if (!decompressor)
    throw new WattduckError(
      'unsupported_media_type',
      clipped`the encoding ${encoding} is not known here`,
      `Known are ${Object.keys(decompressors).join(', ')} and none.`,
    );
  try {
    return await decompressor(body, { maxOutputLength: maxDecompressedBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw bodyTooLargeError(error);
    throw new WattduckError(
      'usage',
      clipped`the body is broken ${encodingName}: ${(error as Error).message}`,
      'Pack it again, or send it as it is.',
      error,
    );
  }
}

const bodyTooLargeError = (cause?: unknown): WattduckError =>
  new WattduckError(
    'payload_too_large',
    clipped`the body unpacks to more than ${maxDecompressedBytes / 1_048_576} MB`,
    'Send it in parts, or as a file to /v0/datasources.',
    cause,
  );

/**
 * The rows of a body: lines of JSON, one object over any number of lines, or an array.
 * @param format json where it is to be one value, ndjson where it is to be lines; either otherwise
 * @throws WattduckError (usage) where no row is to be found in it
 */
export function parseJsonLines(body: Buffer, format?: 'json' | 'ndjson'): JsonLines {
  if (!isUtf8(body)) throw new WattduckError('usage', 'the body is not UTF-8', 'Send it in UTF-8.');
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  const lines = text.split(/\r\n?|\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new WattduckError('usage', 'the body is empty', 'Send one JSON object a line.');
  const records = format !== 'json' && isRecord(lines[0]!) ? lines : splitRecords(text, lines, format);
  const tooLong = records.find((line) => line.length > maxLineBytes / 4 && Buffer.byteLength(line) >= maxLineBytes);
  if (tooLong !== undefined)
    throw new WattduckError(
      'payload_too_large',
      clipped`a row is longer than 16 MB: ${tooLong.slice(0, 40)}…`,
      'Send less in one row.',
    );
  const rows = { text: Buffer.from(records.map((line) => `${line}\n`).join('')), count: records.length };
  return rows.text.length > maxInspectedBytes ? rows : { ...rows, keys: collectKeys(records) };
}

/** Records of a body that does not begin with one on a line of its own. */
function splitRecords(
  text: string,
  lines: readonly string[],
  format: 'json' | 'ndjson' | undefined,
): readonly string[] {
  const [value, parseError] = format === 'ndjson' ? [] : tryParse(text);
  if (Array.isArray(value)) return splitArray(text);
  // Between the tokens of JSON a line's end is a blank; within one there is none.
  if (isPlainObject(value)) return [text.replaceAll(/[\r\n]+/g, ' ')];
  if (format !== 'json' && lines.some(isRecord)) return lines;
  throw new WattduckError(
    'usage',
    clipped`the body holds no JSON object${parseError === undefined ? '' : `: ${parseError.message}`}`,
    'Send one JSON object a line, or an array of them.',
    parseError,
  );
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

/** The elements of an array that is known to be sound, each on one line, to the letter: parsed and written again, long numbers would change. */
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

/** Where a string of JSON ends that begins at a place. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += text[at] === '\\' ? 2 : 1) if (text[at] === '"') return at;
}
