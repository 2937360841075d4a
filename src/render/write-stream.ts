import type { AnswerShape } from '../catalog/definitions.ts';
import { writeColoured, type Io, type OutputStream } from '../io.ts';
import { documentText, toDocumentRow } from '../reports/document.ts';
import type { ReportStream } from '../reports/run-report.ts';
import type { Row } from '../warehouse/values.ts';
import type { DisplayColumn } from './cells.ts';
import { openOutputFile } from './output-file.ts';
import { labelTotal } from './total-row.ts';
import { toCsv, toNdjson, type CsvOptions, type OutputFormat } from './output-formats.ts';

/** Formats that can be written row by row. */
const streamFormats = ['json', 'ndjson', 'csv', 'tsv'] as const;
export type StreamFormat = (typeof streamFormats)[number];

export const isStreamFormat = (format: OutputFormat): format is StreamFormat =>
  (streamFormats as readonly string[]).includes(format);

/**
 * Streams a report as text in a format; yields nothing before the first rows.
 * @param shape shape of the JSON document; the shape of the report by default
 */
export async function* formatRows(
  format: StreamFormat,
  columns: readonly DisplayColumn[],
  reportStream: ReportStream,
  shape: AnswerShape = reportStream.report.answer,
  csv: CsvOptions = {},
): AsyncGenerator<string> {
  if (format === 'json') return yield* documentText(reportStream, shape);
  if (format === 'csv' || format === 'tsv') {
    yield* csvText(columns, reportStream.chunks, csv);
    const { totalRow } = await reportStream.end();
    if (totalRow) yield toCsv(columns, [labelTotal(columns, totalRow)], { ...csv, header: false });
    return;
  }
  for await (const rows of reportStream.chunks)
    yield toNdjson(
      columns,
      rows.map((row) => toDocumentRow(reportStream.report, row, shape)),
    );
}

/** Streams rows as CSV with one header. */
export async function* csvText(
  columns: readonly DisplayColumn[],
  chunks: AsyncIterable<Row[]>,
  { header = true, ...options }: CsvOptions = {},
): AsyncGenerator<string> {
  let isFirst = true;
  for await (const rows of chunks) {
    yield await toCsv(columns, rows, { ...options, header: isFirst && header });
    isFirst = false;
  }
  if (isFirst && header) yield toCsv(columns, [], options);
}

/**
 * Writes text to the terminal, a pipe or a file as it comes; long text goes to a pager, and a file appears only when it is complete.
 * @param pieces the text; values in coloured text must have passed `plainLine`
 */
export async function writeStream(
  io: Io,
  pieces: AsyncIterable<string>,
  path: string | undefined,
  isColoured = false,
): Promise<void> {
  if (path !== undefined) return writeFileInPieces(path, pieces);
  const paged = io.stdout.isTTY ? (await import('./pager.ts')).PagedOutput.open(io, isColoured) : undefined;
  if (!paged) {
    for await (const piece of pieces) await writeWithBackpressure(io.stdout, piece, isColoured);
    return;
  }
  for await (const piece of pieces) {
    await paged.write(piece);
    if (paged.isClosed) break;
  }
  await paged.end();
}

/** Writes complete text to the terminal, its pager or a pipe. */
export const writeText = (io: Io, text: string): Promise<void> =>
  writeStream(
    io,
    (async function* () {
      yield text;
    })(),
    undefined,
  );

/** Writes a file, which appears only when it is complete. */
export async function writeFileInPieces(path: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  let file: ReturnType<typeof openOutputFile> | undefined;
  try {
    // The file is opened with the first piece, so that an early error leaves no trace.
    for await (const piece of pieces) (file ??= openOutputFile(path)).write(piece);
    (file ??= openOutputFile(path)).keep();
  } catch (error) {
    file?.discard();
    throw error;
  }
}

/** Writes text and waits until a slow reader has caught up. */
async function writeWithBackpressure(stream: OutputStream, text: string, isColoured: boolean): Promise<void> {
  if ((isColoured ? writeColoured(stream, text) : stream.write(text)) !== false || !stream.once) return;
  await new Promise<void>((resolve) => stream.once!('drain', resolve));
}
