import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { outputColumns, type AnswerShape, type RawParameters, type Report } from '../../catalog/definitions.ts';
import { textOf, type Streamed } from '../../render/stream.ts';
import { copyReport, startReport } from '../../reports/run-report.ts';
import type { BindContext } from '../../warehouse/binder.ts';
import { literal, type DuckDb } from '../../warehouse/engine.ts';
import { prometheusText } from './prometheus.ts';

/** Formats a route answers in, by the ending of its name, with their media types. */
export const endings = {
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  csvwithnames: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
} as const;
export type Ending = keyof typeof endings;

const streamed: Partial<Record<Ending, Streamed>> = { json: 'json', ndjson: 'ndjson', csv: 'csv', csvwithnames: 'csv' };

/** A report's answer piece by piece, in the form of an ending. */
export async function* piecesOf(
  engine: DuckDb,
  report: Report,
  given: RawParameters,
  context: BindContext,
  ending: Ending,
  shape: AnswerShape,
): AsyncGenerator<string | Buffer> {
  if (ending === 'parquet') return yield* parquet(engine, report, given, context);
  const running = await startReport(engine, report, given, context);
  const format = streamed[ending];
  yield* format ? textOf(format, outputColumns(report), running, shape) : prometheusText(running);
}

const parquet = (engine: DuckDb, report: Report, given: RawParameters, context: BindContext): AsyncGenerator<Buffer> =>
  parquetFile(engine, (target) => copyReport(engine, report, given, context, target));

/** DuckDB writes Parquet only into files. @param write to what stands after `to` of a copy */
export async function* parquetFile(engine: DuckDb, write: (target: string) => Promise<void>): AsyncGenerator<Buffer> {
  const folder = await mkdtemp(join(engine.workDir ?? '', 'parquet-'));
  try {
    const path = join(folder, 'answer.parquet');
    await write(`${literal(path)} (format parquet)`);
    yield* createReadStream(path) as AsyncIterable<Buffer> as AsyncGenerator<Buffer>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
