import { createHash } from 'node:crypto';
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
import { clipped } from '../text/plain-text.ts';
import { localFile } from './local-file.ts';

/** A file ready to be read by DuckDB, possibly more than once. */
export interface Input {
  /** What messages, ledger and quarantine call it. */
  name: string;
  path: string;
  compression: 'uncompressed' | 'gzip' | 'zstd';
  /** Size of the file as it was given. */
  bytes: number;
  /** Its content, as one reading of the file as it was given tells; read once, however often it is asked for. */
  content(): Promise<Content>;
  /** False where `path` is a copy of what was given, in another encoding. */
  isOriginal: boolean;
  /** True where lines end in CR alone, as on old Macs. */
  carriageReturns: boolean;
  isParquet: boolean;
  /** Ends all reading when it is aborted. */
  signal?: AbortSignal | undefined;
  /** True where its beginning, which is all that was looked at, has no line end. */
  hasLongLine: boolean;
  /** @throws WattduckError where the file is no longer the one that was opened */
  assertUnchanged(): Promise<void>;
  /** A folder of our own for spooled copies; gone after `dispose`. */
  scratch(): Promise<string>;
  dispose(): Promise<void>;
}

/** A folder of our own, made when it is first asked for and gone after `dispose`; within the spool, where DuckDB sees no other. */
export function scratchFolder(workDir = tmpdir()): { folder(): Promise<string>; dispose(): Promise<void> } {
  let created: Promise<string> | undefined;
  return {
    folder: () => (created ??= mkdtemp(join(workDir, 'wattduck-'))),
    dispose: async () => {
      if (created) await rm(await created, { recursive: true, force: true });
    },
  };
}

/** How a file is to be opened. */
export interface OpenOptions {
  stdin: Readable;
  encoding?: string;
  /** What it is called, where that is not its path. */
  displayName?: string;
  /** Ends all reading when it is aborted. */
  signal?: AbortSignal;
}

/** Opens a file, or standard input for `-`, and refuses what can't be a table of text. */
export async function openInput(
  path: string,
  { stdin, encoding, displayName, signal }: OpenOptions,
  workDir?: string,
): Promise<Input> {
  const { folder: scratch, dispose } = scratchFolder(workDir);
  const name = displayName ?? (path === '-' ? 'standard input' : path);
  try {
    const { path: original, bytes, assertUnchanged } = await localFile(path, { name, stdin, workDir, scratch, signal });
    const firstBytes = await readHead(original);
    const { path: utf8Path, head, compression } = await toUtf8(original, firstBytes, encoding, scratch, signal);
    const isParquet = head.toString('latin1', 0, 4) === 'PAR1';
    const carriageReturns = compression === 'uncompressed' && !isParquet && head.includes('\r') && !head.includes('\n');
    let cachedContent: Promise<Content> | undefined;
    const content = (): Promise<Content> =>
      (cachedContent ??= readContent(name, original, compressionOf(firstBytes), signal));
    const input = {
      name,
      path: utf8Path,
      compression,
      bytes,
      content,
      isOriginal: utf8Path === original,
      carriageReturns,
      isParquet,
      hasLongLine: false,
      signal,
      assertUnchanged,
      scratch,
      dispose,
    };
    if (isParquet) return input;
    assertTextTable(input, head);
    if (compression === 'zstd') return { ...input, hasLongLine: true };
    const text = compression === 'gzip' ? decompressHead(name, head) : head;
    assertUtf8Header(name, text);
    return { ...input, hasLongLine: text.length >= 65_536 && !text.includes('\n') && !text.includes('\r') };
  } catch (error) {
    await dispose();
    throw toFileError(error, name);
  }
}

/** What one reading of a file tells: its SHA-256, and its lines, unpacked. */
export interface Content {
  hash: string;
  lines: number;
  /** Bytes of the longest line. */
  maxLine: number;
}

async function readContent(
  name: string,
  path: string,
  compression: Input['compression'],
  signal: AbortSignal | undefined,
): Promise<Content> {
  const hash = createHash('sha256');
  // Of the line a chunk breaks off, as much as came before.
  let [lines, maxLine, pending] = [0, 0, 0];
  const count = (chunk: Buffer): void => {
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
  return { hash: hash.digest('hex'), lines: lines + (pending > 0 ? 1 : 0), maxLine: Math.max(maxLine, pending) };
}

/** One buffer for all of a file: a stream would have the kernel clear a new one for every piece. */
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

/** DuckDB takes a packed file that breaks off for a whole one, so it is unpacked here too. */
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
  new WattduckError(
    'failed',
    clipped`${name} is a broken gzip file: ${(error as Error).message}`,
    'Fetch or export it again; nothing of it was kept.',
    error,
  );

/** The file itself, or a copy of it in UTF-8 where another encoding is told, or shown by the mark UTF-16 begins with. */
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
  if (encoding === undefined || /^utf-?8$/i.test(encoding)) return { path, head, compression };
  let decoder: TextDecoderStream;
  try {
    decoder = new TextDecoderStream(encoding.toLowerCase().replace(/^latin-(?=\d$)/, 'latin'));
  } catch (error) {
    throw new WattduckError(
      'usage',
      clipped`--encoding: "${encoding}" is not known`,
      'Known are latin-1, windows-1252, utf-16le and the other names of the WHATWG encoding standard.',
      error,
    );
  }
  const copy = join(await scratch(), 'utf8');
  await writeTransformedCopy(path, compression, Duplex.fromWeb(decoder as never), copy, signal);
  return { path: copy, head: await readHead(copy), compression: 'uncompressed' };
}

/** A copy of the file in which every line ends in LF, whatever it ended in. */
export async function copyWithLineFeeds({ path, compression, signal, scratch }: Input): Promise<string> {
  const copy = join(await scratch(), 'lines');
  let afterReturn = false;
  const lineFeeds = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      // A CRLF may be cut in two by the end of a chunk.
      const text = chunk.toString('latin1');
      const rest = afterReturn && text.startsWith('\n') ? text.slice(1) : text;
      afterReturn = text.endsWith('\r');
      done(null, Buffer.from(rest.replaceAll(/\r\n?/g, '\n'), 'latin1'));
    },
  });
  await writeTransformedCopy(path, compression, lineFeeds, copy, signal);
  return copy;
}

/** Writes a file anew, unpacked and changed. */
const writeTransformedCopy = (
  path: string,
  compression: Input['compression'],
  transform: Duplex,
  copy: string,
  signal: AbortSignal | undefined,
): Promise<void> =>
  pipeline(
    [createReadStream(path), ...(compression === 'gzip' ? [createGunzip()] : []), transform, createWriteStream(copy)],
    { signal },
  );

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

/** As much of a gzipped file as its beginning holds. */
function decompressHead(name: string, head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw brokenGzipError(name, error);
  }
}

/** DuckDB would pass over a header that is no UTF-8, and take the first row for it. */
function assertUtf8Header(name: string, head: Buffer): void {
  const end = head.indexOf(10);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(0, end < 0 ? head.length : end), {
      stream: end < 0,
    });
  } catch (error) {
    throw new WattduckError(
      'failed',
      clipped`${name}: its first line is not UTF-8`,
      'Say what it is with --encoding, for example --encoding latin-1.',
      error,
    );
  }
}

const foreignFormats: [RegExp, string, string][] = [
  [/^DUCK/s, 'a DuckDB database', 'Name it with --db to report on it.'],
  [/^.{8}DUCK/s, 'a DuckDB database', 'Name it with --db to report on it.'],
  [/^PK[^a-zA-Z]/, 'a zip archive or spreadsheet', 'Save the sheet as CSV, or unpack the archive.'],
];

function assertTextTable({ name, compression }: Input, head: Buffer): void {
  if (head.length === 0)
    throw new WattduckError('failed', clipped`${name} is empty: it has not even a header`, 'Check the export.');
  if (compression !== 'uncompressed') return;
  const text = head.toString('latin1');
  const [, what, hint] = foreignFormats.find(([pattern]) => pattern.test(text)) ?? [];
  if (what) throw new WattduckError('failed', clipped`${name} is ${what}`, hint);
  // Text may hold a stray NUL; a header full of control bytes is no text.
  const controlBytes = head.subarray(0, 512).filter((byte) => byte < 9 || (byte > 13 && byte < 32)).length;
  if (controlBytes > head.subarray(0, 512).length / 20) {
    throw new WattduckError(
      'failed',
      clipped`${name} is a binary file`,
      'CSV or NDJSON is wanted, plain or gzipped, or Parquet.',
    );
  }
}
