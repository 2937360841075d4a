import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { fileFault, WattduckError } from '../errors.ts';

/** A file ready to be read by DuckDB, possibly more than once. */
export interface Input {
  /** What messages, ledger and quarantine call it. */
  name: string;
  path: string;
  compression: 'uncompressed' | 'gzip' | 'zstd';
  /** True where lines end in CR alone, as on old Macs. */
  carriageReturns: boolean;
  /** A folder of our own for spooled copies; gone after `dispose`. */
  scratch(): Promise<string>;
  dispose(): Promise<void>;
}

/** Opens a file, or standard input for `-`, and refuses what can't be a table of text. */
export async function openInput(name: string, stdin: Readable): Promise<Input> {
  let folder: string | undefined;
  const scratch = async (): Promise<string> => (folder ??= await mkdtemp(join(tmpdir(), 'wattduck-')));
  const dispose = async (): Promise<void> => {
    if (folder) await rm(folder, { recursive: true, force: true });
  };
  try {
    const path = name === '-' ? await spool(stdin, await scratch()) : name;
    const head = await peek(path);
    const compression = compressionOf(head);
    const carriageReturns = compression === 'uncompressed' && head.includes('\r') && !head.includes('\n');
    const input = { name: name === '-' ? 'standard input' : name, path, compression, carriageReturns, scratch, dispose };
    refuseForeign(input, head);
    return input;
  } catch (error) {
    await dispose();
    throw fileFault(error, name);
  }
}

/** DuckDB may read a file twice; a pipe can be read once only. */
async function spool(stdin: Readable, folder: string): Promise<string> {
  const path = join(folder, 'stdin');
  await pipeline(stdin, createWriteStream(path));
  return path;
}

/** A copy of the file in which every line ends in LF, whatever it ended in. */
export async function copyWithLineFeeds({ path, compression, scratch }: Input): Promise<string> {
  const copy = join(await scratch(), 'lines');
  let afterReturn = false;
  const lineFeeds = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      // A CRLF may be cut in two by the end of a chunk.
      const text = chunk.toString('latin1');
      const whole = afterReturn && text.startsWith('\n') ? text.slice(1) : text;
      afterReturn = text.endsWith('\r');
      done(null, Buffer.from(whole.replaceAll(/\r\n?/g, '\n'), 'latin1'));
    },
  });
  const unpacked = compression === 'gzip' ? [createGunzip()] : [];
  await pipeline([createReadStream(path), ...unpacked, lineFeeds, createWriteStream(copy)]);
  return copy;
}

async function peek(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function compressionOf(head: Buffer): Input['compression'] {
  if (head.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return 'gzip';
  return head.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])) ? 'zstd' : 'uncompressed';
}

const foreign: [RegExp, string, string][] = [
  [/^DUCK/s, 'a DuckDB database', 'Name it with --db to report on it.'],
  [/^.{8}DUCK/s, 'a DuckDB database', 'Name it with --db to report on it.'],
  [/^PAR1/, 'a Parquet file', 'Export it as CSV or NDJSON first.'],
  [/^PK[^a-zA-Z]/, 'a zip archive or spreadsheet', 'Save the sheet as CSV, or unpack the archive.'],
  [/^(\xff\xfe|\xfe\xff)/, 'UTF-16 text', 'Save it as UTF-8.'],
];

function refuseForeign({ name, compression }: Input, head: Buffer): void {
  if (head.length === 0) throw new WattduckError('failed', `${name} is empty: it has not even a header`, 'Check the export.');
  if (compression !== 'uncompressed') return;
  const text = head.toString('latin1');
  const [, what, hint] = foreign.find(([pattern]) => pattern.test(text)) ?? [];
  if (what) throw new WattduckError('failed', `${name} is ${what}`, hint);
  // Text may hold a stray NUL; a header full of control bytes is no text.
  const controls = head.subarray(0, 512).filter((byte) => byte < 9 || (byte > 13 && byte < 32)).length;
  if (controls > head.subarray(0, 512).length / 20) {
    throw new WattduckError('failed', `${name} is a binary file`, 'CSV or NDJSON is wanted, plain or gzipped.');
  }
}
