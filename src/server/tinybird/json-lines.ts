import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { isPlainObject } from '../../catalog/frontmatter.ts';
import { WattduckError } from '../../errors.ts';
import { clipped } from '../../text/plain-text.ts';

/** Rows as they came: one JSON record a line, or what should be one. */
export interface Rows {
  /** Each line ends in LF; none is blank. */
  text: Buffer;
  count: number;
  /** The keys of all records; nothing where there are too many records to look at each. */
  keys?: string[];
}

/** Most bytes of a body once it is unpacked. */
export const largestUnpacked = 104_857_600;
/** Longest line DuckDB reads, in bytes. */
const longestLine = 16_777_216;
/** Bytes of a body of which every record is looked at. */
const smallBody = 1_048_576;

const unpackers: Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * A body as it was before its client packed it; unpacking stops at the most there may be.
 * @throws WattduckError usage, wrong_type or too_large
 */
export async function unpacked(body: Buffer, encoding = 'identity'): Promise<Buffer> {
  // JSON does not begin so.
  const way =
    encoding.trim().toLowerCase() === 'identity' && body[0] === 0x1f && body[1] === 0x8b
      ? 'gzip'
      : encoding.trim().toLowerCase();
  if (way === 'identity') return body;
  const unpack = Object.hasOwn(unpackers, way) ? unpackers[way] : undefined;
  if (!unpack)
    throw new WattduckError(
      'wrong_type',
      clipped`the encoding ${encoding} is not known here`,
      `Known are ${Object.keys(unpackers).join(', ')} and none.`,
    );
  try {
    return await unpack(body, { maxOutputLength: largestUnpacked });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(error);
    throw new WattduckError(
      'usage',
      clipped`the body is broken ${way}: ${(error as Error).message}`,
      'Pack it again, or send it as it is.',
      error,
    );
  }
}

const tooLarge = (cause?: unknown): WattduckError =>
  new WattduckError(
    'too_large',
    clipped`the body unpacks to more than ${largestUnpacked / 1_048_576} MB`,
    'Send it in parts, or as a file to /v0/datasources.',
    cause,
  );

/**
 * The rows of a body: lines of JSON, one object over any number of lines, or an array.
 * @param format json where it is to be one value, ndjson where it is to be lines; either otherwise
 * @throws WattduckError (usage) where no row is to be found in it
 */
export function rowsIn(body: Buffer, format?: 'json' | 'ndjson'): Rows {
  if (!isUtf8(body)) throw new WattduckError('usage', 'the body is not UTF-8', 'Send it in UTF-8.');
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  const lines = text.split(/\r\n?|\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new WattduckError('usage', 'the body is empty', 'Send one JSON object a line.');
  const records = format !== 'json' && isRecord(lines[0]!) ? lines : recordsIn(text, lines, format);
  const long = records.find((line) => line.length > longestLine / 4 && Buffer.byteLength(line) >= longestLine);
  if (long !== undefined)
    throw new WattduckError(
      'too_large',
      clipped`a row is longer than 16 MB: ${long.slice(0, 40)}…`,
      'Send less in one row.',
    );
  const rows = { text: Buffer.from(records.map((line) => `${line}\n`).join('')), count: records.length };
  return rows.text.length > smallBody ? rows : { ...rows, keys: keysOf(records) };
}

/** Records of a body that does not begin with one on a line of its own. */
function recordsIn(text: string, lines: readonly string[], format: 'json' | 'ndjson' | undefined): readonly string[] {
  const [value, fault] = format === 'ndjson' ? [] : parsed(text);
  if (Array.isArray(value)) return elementsOf(text);
  // Between the tokens of JSON a line's end is a blank; within one there is none.
  if (isPlainObject(value)) return [text.replaceAll(/[\r\n]+/g, ' ')];
  if (format !== 'json' && lines.some(isRecord)) return lines;
  throw new WattduckError(
    'usage',
    clipped`the body holds no JSON object${fault === undefined ? '' : `: ${fault.message}`}`,
    'Send one JSON object a line, or an array of them.',
    fault,
  );
}

function parsed(text: string): [unknown, undefined] | [undefined, Error] {
  try {
    return [JSON.parse(text), undefined];
  } catch (error) {
    return [undefined, error as Error];
  }
}

const isRecord = (line: string): boolean => /^\s*\{/.test(line) && isPlainObject(parsed(line)[0]);

function keysOf(records: readonly string[]): string[] {
  const keys = new Set<string>();
  for (const record of records) {
    const [value] = parsed(record);
    if (isPlainObject(value)) for (const key of Object.keys(value)) keys.add(key);
  }
  return [...keys].toSorted();
}

/** The elements of an array that is known to be sound, each on one line, to the letter: parsed and written again, long numbers would change. */
function elementsOf(array: string): string[] {
  const text = array.replaceAll(/[\r\n]+/g, ' ');
  const elements: string[] = [];
  let [depth, begin] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]!;
    if (sign === '"') at = endOfString(text, at);
    else if (sign === '[' || sign === '{') {
      depth += 1;
      if (depth === 1) begin = at + 1;
    } else if (sign === ']' || sign === '}') depth -= 1;
    if ((sign === ',' && depth === 1) || (sign === ']' && depth === 0)) {
      elements.push(text.slice(begin, at).trim());
      begin = at + 1;
    }
  }
  return elements.filter((element) => element !== '');
}

/** Where a string of JSON ends that begins at a place. */
function endOfString(text: string, begin: number): number {
  for (let at = begin + 1; ; at += text[at] === '\\' ? 2 : 1) if (text[at] === '"') return at;
}
