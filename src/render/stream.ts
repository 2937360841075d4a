import { closeSync, openSync, writeSync } from 'node:fs';
import type { AnswerShape } from '../catalog/definitions.ts';
import { fileFault } from '../errors.ts';
import type { Io, Out } from '../io.ts';
import { documentText, inDocument } from '../warehouse/document.ts';
import type { Running } from '../warehouse/run-report.ts';
import type { Row } from '../warehouse/values.ts';
import type { ShownColumn } from './cells.ts';
import { toCsv, toNdjson, type Format } from './formats.ts';

/** Formats whose rows can be written as they come. */
const streamed = ['json', 'ndjson', 'csv'] as const;
export type Streamed = (typeof streamed)[number];

export const isStreamed = (format: Format): format is Streamed => (streamed as readonly string[]).includes(format);

/**
 * An answer in a format, piece by piece as its rows come; nothing before the first are there.
 * @param shape the report's own, unless it is asked for in another
 */
export async function* textOf(format: Streamed, columns: readonly ShownColumn[], running: Running, shape: AnswerShape = running.report.answer): AsyncGenerator<string> {
  if (format === 'json') return yield* documentText(running, shape);
  if (format === 'csv') return yield* csvText(columns, running.chunks);
  for await (const rows of running.chunks) yield toNdjson(columns, rows.map((row) => inDocument(running.report, row, shape)));
}

export async function* csvText(columns: readonly ShownColumn[], chunks: AsyncIterable<Row[]>, header = true): AsyncGenerator<string> {
  let isFirst = true;
  for await (const rows of chunks) {
    yield await toCsv(columns, rows, isFirst && header);
    isFirst = false;
  }
  if (isFirst && header) yield toCsv(columns, []);
}

/** Writes pieces of text as they come, to the terminal, a pipe or a file. */
export async function pourOut(io: Io, pieces: AsyncIterable<string>, path: string | undefined): Promise<void> {
  let sink: Sink | undefined;
  try {
    for await (const piece of pieces) await (sink ??= sinkOf(io, path)).write(piece);
    sink ??= sinkOf(io, path);
  } finally {
    sink?.close();
  }
}

interface Sink {
  write(text: string): Promise<void>;
  close(): void;
}

function sinkOf({ stdout }: Io, path: string | undefined): Sink {
  if (path === undefined) return { write: (text) => pour(stdout, text), close: () => undefined };
  try {
    const file = openSync(path, 'w');
    return {
      write: async (text) => {
        writeSync(file, text);
      },
      close: () => closeSync(file),
    };
  } catch (error) {
    throw fileFault(error, path);
  }
}

/** Waits for a reader that is slower than the query. */
async function pour(out: Out, text: string): Promise<void> {
  if (out.write(text) !== false || !out.once) return;
  await new Promise<void>((resolve) => out.once!('drain', resolve));
}
