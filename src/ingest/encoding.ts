import { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { contentStreams, type DataFile } from './line-reader.ts';

/** UTF-16 without a byte order mark: every second byte of a text in Latin letters is NUL. */
export function utf16WithoutMark(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const bytes = head.subarray(0, Math.min(1024, head.length - (head.length % 2)));
  if (bytes.length < 16) return undefined;
  const nuls = [0, 0];
  for (const [at, byte] of bytes.entries()) if (byte === 0) nuls[at % 2]! += 1;
  const most = (bytes.length / 2) * 0.8;
  if (nuls[1]! >= most && nuls[0]! === 0) return 'utf-16le';
  return nuls[0]! >= most && nuls[1]! === 0 ? 'utf-16be' : undefined;
}

/**
 * The encoding of a text that is not UTF-8, if there is one clear answer: windows-1252, which includes latin-1. It is clear if
 * nothing is encoded as UTF-8, and each other byte is a letter or sign where texts have one.
 */
export async function guessEncoding(
  file: DataFile,
  signal: AbortSignal | undefined,
): Promise<'windows-1252' | undefined> {
  const scan = new EncodingScan();
  const sink = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) scan.add(chunk);
  };
  await pipeline([...contentStreams(file), Duplex.from(sink)], { signal });
  return scan.isWindows1252() ? 'windows-1252' : undefined;
}

/** Letters of windows-1252 beyond ASCII. */
const isLetter = (byte: number): boolean =>
  (byte >= 0xc0 && byte < 0xff && byte !== 0xd7 && byte !== 0xf7) ||
  [0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f].includes(byte);
const isCapital = (byte: number): boolean => (byte >= 0xc0 && byte <= 0xde) || [0x8a, 0x8c, 0x8e, 0x9f].includes(byte);
const isSmallAscii = (byte: number): boolean => byte >= 97 && byte <= 122;
const isAsciiLetter = (byte: number): boolean => isSmallAscii(byte | 32) && byte < 128;

/** Signs of windows-1252 that are common in tables: €, quotes, dashes, °, ² and others. */
const signs = new Set(
  Buffer.from([
    0x80, 0x82, 0x84, 0x85, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x99, 0xa0, 0xa1, 0xa3, 0xa5, 0xa7, 0xa9, 0xaa,
    0xab, 0xae, 0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb7, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf,
  ]),
);
/** Those that may be inside a word: apostrophes, dashes, the no-break space and the dot of Catalan. */
const signsInWords = new Set(Buffer.from([0x91, 0x92, 0x96, 0x97, 0xa0, 0xb4, 0xb7]));

function isPlausible(before: number, byte: number, after: number): boolean {
  if (isLetter(byte))
    return !isCapital(byte) || !(isSmallAscii(before) || (isAsciiLetter(before) && isSmallAscii(after)));
  return signs.has(byte) && (signsInWords.has(byte) || !isAsciiLetter(before) || !isAsciiLetter(after));
}

/** Whether a word of two or more letters, none of them ASCII, begins at a place. */
function isForeignWord(bytes: Buffer, at: number): boolean {
  const before = bytes[at - 1] ?? 10;
  if (isLetter(before) || isAsciiLetter(before)) return false;
  let end = at;
  while (end < bytes.length && isLetter(bytes[end]!)) end += 1;
  return end - at > 1 && !isAsciiLetter(bytes[end] ?? 10);
}

/** Length of the UTF-8 sequence at a place; 0 if none begins there. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  for (let place = 1; place < length; place += 1) if (((bytes[at + place] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Looks at every byte of a text that is not ASCII, with its neighbours. */
class EncodingScan {
  #sequences = 0;
  #others = 0;
  #implausible = 0;
  /** Letters next to another letter beyond ASCII: many, as in Cyrillic text, mean another encoding. */
  #pairs = 0;
  /** The last byte that was looked at, and those after it, whose neighbours are in the next chunk. */
  #rest: Buffer = Buffer.from('\n');

  add(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#rest, chunk]);
    // A sequence has up to four bytes.
    const next = this.#scan(bytes, Math.max(1, bytes.length - 4));
    this.#rest = bytes.subarray(next - 1);
  }

  isWindows1252(): boolean {
    this.#scan(Buffer.concat([this.#rest, Buffer.from('\n\n\n\n')]), this.#rest.length);
    return this.#others > 0 && this.#sequences + this.#implausible === 0 && this.#pairs * 2 <= this.#others;
  }

  /** Looks at the bytes from the second to `end`, and returns the place of the next. */
  #scan(bytes: Buffer, end: number): number {
    let at = 1;
    for (; at < end; at += 1) {
      const byte = bytes[at]!;
      if (byte < 128) continue;
      const length = sequenceLength(bytes, at);
      if (length > 0) {
        this.#sequences += 1;
        at += length - 1;
        continue;
      }
      this.#others += 1;
      const after = bytes[at + 1] ?? 10;
      if (!isPlausible(bytes[at - 1] ?? 10, byte, after) || isForeignWord(bytes, at)) this.#implausible += 1;
      else if (isLetter(byte) && isLetter(after)) this.#pairs += 1;
    }
    return at;
  }
}
