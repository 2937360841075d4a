import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { copyWithLineFeeds, type Input } from './input.ts';
import type { Layout } from './layout.ts';

/** A line with broken quotes: its number and text. */
export interface BrokenLine {
  line: number;
  raw: string;
}

/** Max lines of a quoted field; a longer one has an unclosed quote. */
const maxFieldLines = 50;

/**
 * Copies a CSV file with LF line ends and a blank line in place of each line with broken quotes, so that lines keep their numbers.
 * Needed when DuckDB reports broken quotes: it does so for mixed line ends too, and silently skips blocks of rows after an unclosed
 * quote.
 */
export async function repairedCopy(input: Input, layout: Layout): Promise<{ layout: Layout; broken: BrokenLine[] }> {
  const path = join(await input.scratch(), 'repaired.csv');
  const lines = createInterface({
    input: createReadStream(
      await copyWithLineFeeds({ ...input, path: layout.path, compression: layout.compression }),
      'utf8',
    ),
    crlfDelay: Infinity,
  });
  const broken: BrokenLine[] = [];
  await pipeline(
    repairedLines(lines, layout.skip ?? 0, lineParser(layout.delimiter), broken),
    createWriteStream(path),
    {
      signal: input.signal,
    },
  );
  return { layout: { ...layout, path, compression: 'uncompressed' }, broken };
}

/** State of a record after a line: complete, inside a quoted field, or broken. */
type LineState = 'complete' | 'open' | 'broken';

/**
 * Parses one line of a record, which starts inside quotes if the last line left one open. A field is quoted as a whole or does not
 * begin with a quote. Not a regular expression: a line of 10 MB would overflow its stack.
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
        if (at === line.length) return 'complete';
        if (!line.startsWith(delimiter, at)) return 'broken';
        at += delimiter.length;
      }
      const field = skipBlanks(at);
      inQuotes = line[field] === '"';
      const end = inQuotes ? field : line.indexOf(delimiter, at);
      if (end < 0) return 'complete';
      at = end + (inQuotes ? 1 : delimiter.length);
    }
  };

async function* repairedLines(
  lines: AsyncIterable<string>,
  skip: number,
  parseLine: ReturnType<typeof lineParser>,
  broken: BrokenLine[],
): AsyncGenerator<string> {
  // Lines of a record with an open quote.
  let openLines: string[] = [];
  let line = 0;
  // Adds a line to the record. If the record is broken, drops its first line and parses the others again.
  const add = function* (added: string): Generator<string> {
    const queue = [added];
    while (queue.length > 0) {
      const next = queue.shift()!;
      const state = parseLine(next, openLines.length > 0);
      openLines.push(next);
      if (state === 'complete') {
        yield `${openLines.join('\n')}\n`;
        line += openLines.length;
        openLines = [];
      } else if (state === 'broken' || openLines.length === maxFieldLines) queue.unshift(...(yield* dropFirst()));
    }
  };
  const dropFirst = function* (): Generator<string, string[]> {
    const [first, ...rest] = openLines;
    broken.push({ line: (line += 1), raw: first! });
    openLines = [];
    yield '\n';
    return rest;
  };
  for await (const each of lines) {
    if (line >= skip || openLines.length > 0) yield* add(each);
    else {
      line += 1;
      yield '\n';
    }
  }
  while (openLines.length > 0) for (const each of yield* dropFirst()) yield* add(each);
}
