import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Duplex, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Input } from './input.ts';
import { contentStreams, type DataFile } from './line-reader.ts';
import { collapseSpaces, type TableHeader } from './table-header.ts';

/**
 * Copies a CSV file if DuckDB would misread it, and returns the path of the copy: a quote above the header would hide rows, as other
 * line ends would, and DuckDB does not read a run of spaces as one delimiter. Lines keep their numbers.
 */
export async function copyForDuckdb(
  input: Input,
  file: DataFile,
  { skip, delimiter }: TableHeader,
): Promise<string | undefined> {
  const isSpaced = delimiter === ' ';
  const lineEnd = isSpaced ? '\n' : lineEndAbove(input, skip);
  // Node cannot decompress zstd.
  if (lineEnd === undefined || file.compression === 'zstd') return undefined;
  const path = join(await input.scratch(), `table-${randomUUID()}`);
  const edit = isSpaced ? Duplex.from(spacedLines(skip)) : lineBlanker(skip, lineEnd);
  await pipeline([...contentStreams(file), edit, createWriteStream(path)], { signal: input.signal });
  return path;
}

/** The line end of a header below lines that must be blanked; undefined if DuckDB can skip them. */
function lineEndAbove({ firstText: text, carriageReturns }: Input, skip: number): string | undefined {
  if (skip === 0) return undefined;
  const parts = text.split(/(\r\n|\r|\n)/, 2 * (skip + 1));
  const lineEnds = parts.filter((_, at) => at % 2 === 1);
  const lines = parts.filter((_, at) => at % 2 === 0).slice(0, lineEnds.length);
  if (lines.every((line) => line.trim() === '')) return undefined;
  const isUniform = lines.length > skip && new Set(lineEnds).size === 1 && !lines.some((line) => line.includes('"'));
  return isUniform ? undefined : carriageReturns ? '\n' : (lineEnds[skip] ?? '\n');
}

/** Empties the first lines of a stream, and replaces runs of spaces in the others. */
const spacedLines = (skip: number) =>
  async function* (content: AsyncIterable<Buffer>): AsyncGenerator<string> {
    let line = 0;
    for await (const each of createInterface({ input: Readable.from(content), crlfDelay: Infinity }))
      yield `${(line += 1) > skip ? collapseSpaces(each) : ''}\n`;
  };

/** Empties the first lines of a stream. */
function lineBlanker(skip: number, lineEnd: string): Transform {
  let left = skip;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let start = 0;
      let blank = '';
      while (left > 0) {
        const end = chunk.indexOf(10, start);
        if (end < 0) return done(null, Buffer.from(blank));
        start = end + 1;
        blank += lineEnd;
        left -= 1;
      }
      done(null, Buffer.concat([Buffer.from(blank), chunk.subarray(start)]));
    },
  });
}
