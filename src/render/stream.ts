import { closeSync, openSync, writeSync } from 'node:fs';
import { fileFault, WattduckError } from '../errors.ts';
import type { Io, Out } from '../io.ts';
import type { Row } from '../warehouse/values.ts';
import type { ShownColumn } from './cells.ts';
import { toCsv, toNdjson } from './formats.ts';
import { settleOutput, type OutputOptions } from './present.ts';

/**
 * Writes rows as they come, to the terminal, a pipe or a file.
 * @param record a row as NDJSON has it
 * @throws WattduckError (usage) for a format that needs all rows at once
 */
export async function presentStream(io: Io, columns: readonly ShownColumn[], chunks: AsyncIterable<Row[]>, record: (row: Row) => Row, options: OutputOptions): Promise<void> {
  const settled = settleOutput(options, columns);
  if (settled.format !== 'ndjson' && settled.format !== 'csv') {
    throw new WattduckError('usage', `--all does not go with ${settled.format}, which needs all rows at once`, 'Use --format ndjson or --format csv.');
  }
  const textOf = (rows: Row[], isFirst: boolean): string | Promise<string> =>
    settled.format === 'csv' ? toCsv(settled.columns, rows, isFirst) : toNdjson(settled.columns, rows.map(record));
  // Nothing is written before the query has gone well so far.
  let sink: Sink | undefined;
  try {
    for await (const rows of chunks) {
      const text = await textOf(rows, sink === undefined);
      await (sink ??= sinkOf(io, options.output)).write(text);
    }
    if (sink === undefined) await (sink = sinkOf(io, options.output)).write(await textOf([], true));
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
