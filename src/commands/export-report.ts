import { outputColumns, type RawParameters, type Report } from '../catalog/definitions.ts';
import type { ExportFormat } from '../render/output-formats.ts';
import { csvOptions, toSheet, type OutputOptions, type Sheet } from '../render/print-rows.ts';
import { formatRows, isStreamFormat } from '../render/write-stream.ts';
import { copyReport, runReport, startReport } from '../reports/run-report.ts';
import type { CommandContext } from './context.ts';
import { countRows, toRowSet, withProgress } from './print-report.ts';

/** A report to export, with its parameters. */
export interface ExportItem {
  report: Report;
  params: RawParameters;
  /** The daily report of a forecast, which a page draws. */
  daily?: Report | undefined;
  /** Whether a period was requested that the report does not have. */
  ignoresPeriod?: boolean;
  /** Sources without which it has nothing to say: at least one must have rows. */
  needs?: readonly string[];
}

/** What an exported report contains. */
export interface ExportedReport {
  rows: number;
  /** Why it has no rows. */
  emptyReason?: string | undefined;
  /** Notes for people. */
  notes: readonly string[];
}

/** All rows of a report as a file in pieces, and what it contains. */
export async function writeReport(
  context: CommandContext,
  item: ExportItem,
  format: ExportFormat,
  options: OutputOptions,
  write: (piece: string | Uint8Array) => void,
): Promise<ExportedReport> {
  const { duckdb } = context;
  const { report, params } = item;
  if (format === 'parquet') {
    const { parquetFile } = await import('../render/parquet-file.ts');
    let rows = 0;
    let texts: Omit<ExportedReport, 'rows'> = { notes: [] };
    const pieces = parquetFile(duckdb, async (target) => {
      const columns = outputColumns(report).map(({ name }) => name);
      const copied = await withProgress(context, report, (run) =>
        copyReport(duckdb, report, params, run, target, { columns, all: true }),
      );
      rows = copied.rowCount;
      texts = copied;
    });
    for await (const piece of pieces) write(piece);
    return { ...texts, rows };
  }
  if (isStreamFormat(format)) {
    const stream = await withProgress(context, report, (run) => startReport(duckdb, report, params, run, true));
    let rows = 0;
    const chunks = countRows(stream.chunks, (count) => void (rows += count));
    const columns = outputColumns(stream.report);
    const text = formatRows(format, columns, { ...stream, chunks }, report.answer, csvOptions(format, options));
    for await (const piece of text) write(piece);
    await stream.end();
    return { rows, emptyReason: stream.emptyReason, notes: stream.notes };
  }
  const { sheet, ...exported } = await readSheet(context, item, format === 'html');
  if (format === 'html') {
    write((await import('../render/html-page.ts')).toHtml(sheet.columns, sheet.rows, sheet.totalRow, sheet.texts));
    return exported;
  }
  const { bytes, notes } = await (await import('../render/xlsx.ts')).toWorkbook([sheet]);
  write(bytes);
  return { ...exported, notes: [...exported.notes, ...notes] };
}

/** All rows of a report for a page or a sheet. */
export async function readSheet(
  context: CommandContext,
  { report, params, daily }: ExportItem,
  hasChart = false,
): Promise<ExportedReport & { sheet: Sheet }> {
  const answer = await withProgress(context, report, (run) => runReport(context.duckdb, report, params, run, true));
  const chart = hasChart ? await (await import('./chart.ts')).drawForPage(context, daily ?? report, params) : undefined;
  const { rows, emptyReason, notes } = answer;
  return { rows: rows.length, emptyReason, notes, sheet: toSheet(toRowSet(context, answer, chart)) };
}
