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
const maxFieldLines = 50;

/**
 * A copy of a CSV file in which every line ends in LF and every line with broken quotes is blank, so that lines keep their numbers.
 * DuckDB blames the quotes of a file with uneven line ends, and after a quote that is never closed it passes over whole blocks of rows
 * without a word; this is for files in which it blames quotes.
 */
export async function repairedCopy(input: Input, layout: Layout): Promise<{ layout: Layout; broken: BrokenLine[] }> {
  const path = join(await input.scratch(), 'sound.csv');
  const lines = createInterface({
    input: createReadStream(await copyWithLineFeeds(input), 'utf8'),
    crlfDelay: Infinity,
  });
  const broken: BrokenLine[] = [];
  await pipeline(repairedLines(lines, lineParser(layout.delimiter), broken), createWriteStream(path), {
    signal: input.signal,
  });
  return { layout: { ...layout, path, compression: 'uncompressed' }, broken };
}

/** What a line makes of a record: the end of it, more of a quoted field, or nothing that can be read. */
type LineState = 'whole' | 'open' | 'broken';

/**
 * Reads one line of a record, which begins within quotes where the last one was left open: fields without quotes at their beginning,
 * or quoted from end to end. Not by a regular expression, whose stack a line of 10 MB overflows.
 */
const lineParser =
  (delimiter: string) =>
  (line: string, isOpen: boolean): LineState => {
    const skipBlanks = (place: number): number => {
      let at = place;
      while (line[at] === ' ' && delimiter !== ' ') at += 1;
      return at;
    };
    let [at, inQuotes] = [0, isOpen];
    for (;;) {
      if (inQuotes) {
        const quote = line.indexOf('"', at);
        if (quote < 0) return 'open';
        if (line[quote + 1] === '"') {
          at = quote + 2;
          continue;
        }
        at = skipBlanks(quote + 1);
        if (at === line.length) return 'whole';
        if (!line.startsWith(delimiter, at)) return 'broken';
        at += delimiter.length;
      }
      const field = skipBlanks(at);
      inQuotes = line[field] === '"';
      const end = inQuotes ? field : line.indexOf(delimiter, at);
      if (end < 0) return 'whole';
      at = end + (inQuotes ? 1 : delimiter.length);
    }
  };

async function* repairedLines(
  lines: AsyncIterable<string>,
  read: ReturnType<typeof lineParser>,
  broken: BrokenLine[],
): AsyncGenerator<string> {
  /** Lines of a record whose quote is open. */
  let openLines: string[] = [];
  let line = 0;
  /** Adds a line to the record; where that can't be one, its first line is broken and the others are read afresh. */
  const add = function* (added: string): Generator<string> {
    const queue = [added];
    while (queue.length > 0) {
      const next = queue.shift()!;
      const end = read(next, openLines.length > 0);
      openLines.push(next);
      if (end === 'whole') {
        yield `${openLines.join('\n')}\n`;
        line += openLines.length;
        openLines = [];
      } else if (end === 'broken' || openLines.length === maxFieldLines) queue.unshift(...(yield* dropFirst()));
    }
  };
  const dropFirst = function* (): Generator<string, string[]> {
    const [first, ...rest] = openLines;
    broken.push({ line: (line += 1), raw: first! });
    openLines = [];
    yield '\n';
    return rest;
  };
  for await (const each of lines) yield* add(each);
  while (openLines.length > 0) for (const each of yield* dropFirst()) yield* add(each);
}
