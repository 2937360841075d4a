import { isUtf8 } from 'node:buffer';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TextDecoderStream } from 'node:stream/web';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { toFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { guessEncoding, utf16WithoutMark } from './encoding.ts';
import { contentStreams, type DataFile } from './line-reader.ts';
import { localFile } from './local-file.ts';

/** A file that DuckDB can read, more than once if needed. */
export interface Input {
  /** Its name in messages, the ingest log and the quarantine. */
  name: string;
  path: string;
  compression: DataFile['compression'];
  /** Size of the original file. */
  bytes: number;
  /** Hash and line counts of the original file; reads it once and keeps the result. */
  content(): Promise<Content>;
  /** False if `path` is a copy in another encoding. */
  isOriginal: boolean;
  /** True if lines end in CR only, as on old Macs. */
  carriageReturns: boolean;
  isParquet: boolean;
  /** Stops reading when aborted. */
  signal?: AbortSignal | undefined;
  /** True if the first 64 KB have no line end. */
  hasLongLine: boolean;
  /** The first 64 KB of the text; empty if unknown. */
  firstText: string;
  /** Encoding of the original file, if not UTF-8. */
  encoding?: string | undefined;
  /** What was detected, for the user. */
  notes?: readonly string[];
  /** The same file in another encoding, if its bytes are not UTF-8 and leave one choice. */
  inOtherEncoding?(): Promise<Input | undefined>;
  /** @throws WattduckError if the file changed since it was opened */
  assertUnchanged(): Promise<void>;
  /** A temporary folder for copies; `dispose` removes it. */
  scratch(): Promise<string>;
  dispose(): Promise<void>;
}

/** A temporary folder, created on first use and removed by `dispose`; inside `workDir` if DuckDB may read no other folder. */
export function scratchFolder(workDir = tmpdir()): { folder(): Promise<string>; dispose(): Promise<void> } {
  let created: Promise<string> | undefined;
  return {
    folder: () => (created ??= mkdtemp(join(workDir, 'wattduck-'))),
    dispose: async () => {
      if (created) await rm(await created, { recursive: true, force: true });
    },
  };
}

/** Name of standard input in messages. */
export const standardInputName = 'standard input';

/** How to open a file. */
export interface OpenOptions {
  stdin: Readable;
  encoding?: string;
  /** Name in messages, if not the path. */
  displayName?: string;
  /** Stops reading when aborted. */
  signal?: AbortSignal;
}

/** Opens a file, or standard input for `-`.
 * @throws WattduckError if it cannot be a table
 */
export async function openInput(
  path: string,
  { stdin, encoding, displayName, signal }: OpenOptions,
  workDir?: string,
): Promise<Input> {
  const { folder: scratch, dispose } = scratchFolder(workDir);
  const name = displayName ?? (path === '-' ? standardInputName : path);
  try {
    const { path: original, bytes, assertUnchanged } = await localFile(path, { name, stdin, workDir, scratch, signal });
    const firstBytes = await readHead(original);
    const firstText = headText(name, firstBytes);
    const isJson = startsLikeJson(firstText.toString('utf8', 0, 4096));
    let cachedContent: Promise<Content> | undefined;
    const content = (): Promise<Content> =>
      (cachedContent ??= readContent(name, original, compressionOf(firstBytes), isJson, signal));
    const file = { name, original, firstBytes, bytes, content, signal, assertUnchanged, scratch, dispose };
    const found = encoding ?? utf16WithoutMark(firstText);
    return await readAs(file, found, encoding === undefined && found !== undefined);
  } catch (error) {
    await dispose();
    throw toFileError(error, name);
  }
}

/** A file before its encoding is known. */
interface OriginalFile extends Pick<Input, 'name' | 'bytes' | 'content' | 'assertUnchanged' | 'scratch' | 'dispose'> {
  original: string;
  firstBytes: Buffer;
  signal: AbortSignal | undefined;
}

/** The file as an input in an encoding; UTF-8 if undefined, unless its bytes say otherwise. */
async function readAs(file: OriginalFile, encoding: string | undefined, isDetected = false): Promise<Input> {
  const { original, firstBytes, ...common } = file;
  const { name, scratch, signal } = common;
  const { path, head, compression } = await toUtf8(original, firstBytes, encoding, scratch, signal);
  const isParquet = head.toString('latin1', 0, 4) === 'PAR1';
  const input = {
    ...common,
    path,
    compression,
    isOriginal: path === original,
    carriageReturns: compression === 'uncompressed' && !isParquet && head.includes('\r') && !head.includes('\n'),
    isParquet,
    hasLongLine: false,
    firstText: '',
    encoding: encoding === undefined || isUtf8Name(encoding) ? undefined : encoding.toLowerCase(),
    notes: isDetected ? [`read as ${encoding}; use --encoding to change`] : [],
  };
  if (isParquet) return input;
  assertTextTable(input, head);
  if (compression === 'zstd') return { ...input, hasLongLine: true };
  const text = compression === 'gzip' ? decompressHead(name, head) : head;
  const inOtherEncoding = async (): Promise<Input | undefined> => {
    const guess = await guessEncoding({ path: original, compression }, signal);
    return guess && readAs(file, guess, true);
  };
  const mayBeOther = encoding === undefined && path === original;
  // The last character may be incomplete.
  if (mayBeOther && ![0, 1, 2, 3].some((cut) => isUtf8(text.subarray(0, text.length - cut)))) {
    const other = await inOtherEncoding();
    if (other) return other;
  }
  assertUtf8Header(name, text);
  return {
    ...input,
    ...(mayBeOther ? { inOtherEncoding } : {}),
    firstText: text.toString('utf8'),
    hasLongLine: text.length >= 65_536 && !text.includes('\n') && !text.includes('\r'),
  };
}

/** Whether a text begins as a JSON object or array does. */
export const startsLikeJson = (text: string): boolean => /^\uFEFF?\s*[[{]/.test(text);

const isUtf8Name = (encoding: string): boolean => /^utf-?8$/i.test(encoding);

/** The first bytes of a file, decompressed if it is a gzip file. */
const headText = (name: string, head: Buffer): Buffer =>
  compressionOf(head) === 'gzip' ? decompressHead(name, head) : head;

/** SHA-256 of a file as stored, and its lines after decompression. */
export interface Content {
  hash: string;
  lines: number;
  /** Bytes of the longest line. */
  maxLine: number;
  /** False if no value has a NUL. */
  mayHaveNul: boolean;
}

/** NUL in JSON, which has no other way to write it. */
export const escapedNul = String.raw`\u0000`;

async function readContent(
  name: string,
  path: string,
  compression: Input['compression'],
  isJson: boolean,
  signal: AbortSignal | undefined,
): Promise<Content> {
  const hash = createHash('sha256');
  // `pending`: bytes of an unfinished line in earlier chunks.
  let [lines, maxLine, pending] = [0, 0, 0];
  // The text of a zstd file is not read.
  let mayHaveNul = compression === 'zstd';
  let lastBytes = '';
  const count = (chunk: Buffer): void => {
    mayHaveNul ||=
      chunk.includes(0) ||
      (isJson && (chunk.includes(escapedNul) || `${lastBytes}${chunk.toString('latin1', 0, 5)}`.includes(escapedNul)));
    lastBytes = chunk.toString('latin1', Math.max(0, chunk.length - 5));
    let start = -pending;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) {
      lines += 1;
      if (at - start > maxLine) maxLine = at - start;
      start = at + 1;
    }
    pending = chunk.length - start;
  };
  if (compression === 'gzip')
    await forEachDecompressedChunk(name, path, (compressed) => void hash.update(compressed), count, signal);
  else await forEachChunk(path, (chunk) => count(hash.update(chunk) && chunk), signal);
  return {
    hash: hash.digest('hex'),
    lines: lines + (pending > 0 ? 1 : 0),
    maxLine: Math.max(maxLine, pending),
    mayHaveNul,
  };
}

/** Reuses one buffer for the whole file: a stream would allocate and clear a new one per chunk. */
async function forEachChunk(
  path: string,
  onChunk: (chunk: Buffer) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await open(path);
  const buffer = Buffer.allocUnsafe(4_194_304);
  try {
    for (let { bytesRead } = await file.read(buffer); bytesRead > 0; { bytesRead } = await file.read(buffer)) {
      signal?.throwIfAborted();
      onChunk(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** DuckDB accepts a truncated gzip file as complete, so it is decompressed here too. */
async function forEachDecompressedChunk(
  name: string,
  path: string,
  onCompressedChunk: (chunk: Buffer) => void,
  onChunk: (chunk: Buffer) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const tap = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      onCompressedChunk(chunk);
      yield chunk;
    }
  };
  const sink = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) onChunk(chunk);
  };
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 1_048_576 }),
      tap,
      createGunzip({ chunkSize: 262_144 }),
      sink,
      { signal },
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw brokenGzipError(name, error);
  }
}

export const brokenGzipError = (name: string, error: unknown): WattduckError =>
  new WattduckError('broken_gzip', { file: name, reason: (error as Error).message }, error);

/** The file itself, or a UTF-8 copy if another encoding is requested or a UTF-16 byte order mark is found. */
async function toUtf8(
  path: string,
  head: Buffer,
  requestedEncoding: string | undefined,
  scratch: () => Promise<string>,
  signal: AbortSignal | undefined,
): Promise<Pick<Input, 'path' | 'compression'> & { head: Buffer }> {
  const compression = compressionOf(head);
  const byteOrderMark = head.toString('latin1', 0, 2);
  const encoding = requestedEncoding ?? { '\xff\xfe': 'utf-16le', '\xfe\xff': 'utf-16be' }[byteOrderMark];
  if (encoding === undefined || isUtf8Name(encoding)) return { path, head, compression };
  let decoder: TextDecoderStream;
  try {
    decoder = new TextDecoderStream(encoding.toLowerCase().replace(/^latin-(?=\d$)/, 'latin'));
  } catch (error) {
    throw new WattduckError('unknown_encoding', { encoding }, error);
  }
  const copy = join(await scratch(), `utf8-${randomUUID()}`);
  await writeTransformedCopy(path, compression, Duplex.fromWeb(decoder as never), copy, signal);
  return { path: copy, head: await readHead(copy), compression: 'uncompressed' };
}

/** Writes a copy of the file with LF line ends, and returns its path. */
export async function copyWithLineFeeds({ path, compression, signal, scratch }: Input): Promise<string> {
  const copy = join(await scratch(), `lines-${randomUUID()}`);
  let afterReturn = false;
  const lineFeeds = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      // A chunk may end between CR and LF.
      const text = chunk.toString('latin1');
      const rest = afterReturn && text.startsWith('\n') ? text.slice(1) : text;
      afterReturn = text.endsWith('\r');
      done(null, Buffer.from(rest.replaceAll(/\r\n?/g, '\n'), 'latin1'));
    },
  });
  await writeTransformedCopy(path, compression, lineFeeds, copy, signal);
  return copy;
}

/** Decompresses and transforms a file into a copy. */
const writeTransformedCopy = (
  path: string,
  compression: Input['compression'],
  transform: Duplex,
  copy: string,
  signal: AbortSignal | undefined,
): Promise<void> =>
  pipeline([...contentStreams({ path, compression }), transform, createWriteStream(copy)], { signal });

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

export function compressionOf(head: Buffer): Input['compression'] {
  if (head.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return 'gzip';
  return head.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])) ? 'zstd' : 'uncompressed';
}

/** Decompresses the first bytes of a gzip file, as far as they go. */
function decompressHead(name: string, head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw brokenGzipError(name, error);
  }
}

/** DuckDB would skip a header that is not UTF-8 and use the first row instead. */
function assertUtf8Header(name: string, head: Buffer): void {
  const end = head.indexOf(10);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(0, end < 0 ? head.length : end), {
      stream: end < 0,
    });
  } catch (error) {
    throw new WattduckError('header_not_utf8', { file: name }, error);
  }
}

/** First bytes of known formats that cannot be imported, and their errors. */
const foreignFormats = [
  [/^(.{8})?DUCK/s, 'file_is_database'],
  [/^PK[^a-zA-Z]/, 'file_is_archive'],
] as const;

function assertTextTable({ name, compression }: Input, head: Buffer): void {
  if (head.length === 0) throw new WattduckError('empty_file', { file: name });
  if (compression !== 'uncompressed') return;
  const text = head.toString('latin1');
  const [, code] = foreignFormats.find(([pattern]) => pattern.test(text)) ?? [];
  if (code) throw new WattduckError(code, { file: name });
  // Text may have a stray NUL, but not a header full of control bytes.
  const controlBytes = head.subarray(0, 512).filter((byte) => byte < 9 || (byte > 13 && byte < 32)).length;
  if (controlBytes > head.subarray(0, 512).length / 20) throw new WattduckError('binary_file', { file: name });
}
