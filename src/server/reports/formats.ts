import {
  outputColumns,
  type AnswerShape,
  type Chart,
  type RawParameters,
  type Report,
} from '../../catalog/definitions.ts';
import { chartParams, readChart } from '../../charts/report-chart.ts';
import { parquetFile } from '../../render/parquet-file.ts';
import { formatRows, type StreamFormat } from '../../render/write-stream.ts';
import type { ResolveContext } from '../../reports/resolve-parameters.ts';
import { assertTotalFormat } from '../../reports/compare.ts';
import { pipeZoneNotes } from '../../reports/report-zone.ts';
import { copyReport, emptyNotes, startReport } from '../../reports/run-report.ts';
import { formatCount } from '../../text/format-number.ts';
import type { DuckDb } from '../../warehouse/duckdb.ts';
import { prometheusText } from './prometheus.ts';

/** Media types of the response formats, by the extension of the route. */
export const mediaTypes = {
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  csvwithnames: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
} as const;
export type ResponseFormat = keyof typeof mediaTypes;

const streamFormats: Partial<Record<ResponseFormat, StreamFormat>> = {
  json: 'json',
  ndjson: 'ndjson',
  csv: 'csv',
  csvwithnames: 'csv',
};

/** Whether a report has a format: SVG needs a chart. */
export const hasFormat = ({ charts }: Report, format: ResponseFormat): boolean => format !== 'svg' || charts.length > 0;

/** How to write a report. */
export interface OutputChoice {
  format: ResponseFormat;
  shape: AnswerShape;
  /** The chart to draw, for SVG. */
  chart?: Chart | undefined;
  /** Gets the number of rows that were written since the last call. */
  onRows?: (count: number) => void;
}

/** The result of a report in a format, in chunks. @param onNotes gets the notes before the first chunk, and again after the last */
export async function* reportChunks(
  duckdb: DuckDb,
  report: Report,
  params: RawParameters,
  context: ResolveContext,
  { format, shape, chart, onRows = () => undefined }: OutputChoice,
  onNotes: (notes: string[]) => void,
): AsyncGenerator<string | Buffer> {
  assertTotalFormat(report, params, format, 'total');
  if (format === 'parquet')
    return yield* parquetFile(duckdb, async (target) => {
      const copied = await copyReport(duckdb, report, params, context, target);
      onRows(copied.rowCount);
      onNotes([...emptyNotes(copied.emptyReason), ...copied.notes, ...pipeZoneNotes(copied.report, copied.zone)]);
    });
  if (chart) return yield* chartSvg(duckdb, report, params, context, { chart, onRows }, onNotes);
  const started = await startReport(duckdb, report, params, context);
  const stream = { ...started, chunks: countRows(started.chunks, onRows) };
  const notes = [...stream.notes, ...(shape.shape === 'tinybird' ? pipeZoneNotes(stream.report, stream.zone) : [])];
  onNotes(notes);
  const streamFormat = streamFormats[format];
  yield* streamFormat ? formatRows(streamFormat, outputColumns(stream.report), stream, shape) : prometheusText(stream);
  onNotes([...emptyNotes(started.emptyReason), ...notes]);
}

/** The same chunks, each counted. */
export async function* countRows<T>(
  chunks: AsyncIterable<readonly T[]>,
  onRows: (count: number) => void,
): AsyncGenerator<T[]> {
  for await (const rows of chunks) {
    onRows(rows.length);
    yield rows as T[];
  }
}

/** Days of a forecast and its history in a picture. */
const pictureDays = 120;

/** A chart of a report as an SVG file. */
async function* chartSvg(
  duckdb: DuckDb,
  report: Report,
  params: RawParameters,
  context: ResolveContext,
  { chart, onRows }: { chart: Chart; onRows: (count: number) => void },
  onNotes: (notes: string[]) => void,
): AsyncGenerator<string> {
  const { draw } = await import('../../charts/draw.ts');
  const stream = await startReport(duckdb, report, chartParams(report, chart, params, pictureDays), context);
  const { definition, rows, look, total, isCut, coarser } = await readChart(stream, chart, params);
  onRows(rows.length);
  onNotes([
    ...emptyNotes(stream.emptyReason),
    ...(coarser ? [`${formatCount(rows.length)} points (use ${coarser.parameter}=${coarser.value} for fewer)`] : []),
    ...(isCut ? [`first ${formatCount(rows.length)} of ${formatCount(total)} rows`] : []),
    ...stream.notes,
    ...pipeZoneNotes(stream.report, stream.zone),
  ]);
  yield `${draw(definition, rows, { ...look, standalone: true })}\n`;
}
