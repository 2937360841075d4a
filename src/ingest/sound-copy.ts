import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { copyWithLineFeeds, type Input } from './input.ts';
import type { Layout } from './layout.ts';

/** A line whose quotes can't be made out, with the text it has. */
export interface BrokenLine {
  line: number;
  raw: string;
}

/** A quoted field may run on for so many lines; beyond that its quote was never closed. */
const longestField = 50;

/**
 * A copy of a CSV file in which every line ends in LF and every line with broken quotes is blank, so that lines keep their numbers.
 * DuckDB blames the quotes of a file with uneven line ends, and after a quote that is never closed it passes over whole blocks of rows
 * without a word; this is for files in which it blames quotes.
 */
export async function soundCopy(input: Input, layout: Layout): Promise<{ layout: Layout; broken: BrokenLine[] }> {
  const path = join(await input.scratch(), 'sound.csv');
  const lines = createInterface({ input: createReadStream(await copyWithLineFeeds(input), 'utf8'), crlfDelay: Infinity });
  const broken: BrokenLine[] = [];
  await pipeline(soundLines(lines, wholeRecord(layout.delimiter), broken), createWriteStream(path), { signal: input.stopped });
  return { layout: { ...layout, path, compression: 'uncompressed' }, broken };
}

/** Matches one whole record: fields without quotes at their beginning, or quoted from end to end. */
function wholeRecord(delimiter: string): RegExp {
  const d = delimiter.replace(/[\\^$.*+?()[\]{}|-]/, '\\$&');
  const field = `(?: *"(?:[^"]|"")*" *| *[^"${d}\\n ][^${d}\\n]*| *)`;
  return new RegExp(`^${field}(?:${d}${field})*$`);
}

async function* soundLines(lines: AsyncIterable<string>, record: RegExp, broken: BrokenLine[]): AsyncGenerator<string> {
  let held: string[] = [];
  let line = 0;
  /** What can be said of the lines held: a whole record, a broken line, or nothing yet. */
  const settle = function* (last: boolean): Generator<string> {
    while (held.length > 0) {
      const text = held.join('\n');
      if (record.test(text)) {
        yield `${text}\n`;
        line += held.length;
        held = [];
        return;
      }
      if (held.length < longestField && !last) return;
      broken.push({ line: line + 1, raw: held[0]! });
      yield '\n';
      line += 1;
      const rest = held.slice(1);
      held = [];
      for (const each of rest) {
        held.push(each);
        yield* settle(false);
      }
    }
  };
  for await (const each of lines) {
    held.push(each);
    yield* settle(false);
  }
  yield* settle(true);
}
