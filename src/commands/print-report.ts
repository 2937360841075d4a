import { outputColumns, type RawParameters, type Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { elapsed, trace, type Io } from '../io.ts';
import {
  csvOptions,
  printRows,
  resolveOutput,
  truncationNote,
  type OutputOptions,
  type RowSet,
} from '../render/print-rows.ts';
import type { PageChart } from '../render/html-page.ts';
import { formatRows, isStreamFormat, writeFileInPieces, writeStream } from '../render/write-stream.ts';
import { hasMoreRows, isTruncated, toDocument, toDocumentRow } from '../reports/document.ts';
import { assertTotalFormat, withComparison } from '../reports/compare.ts';
import { valuesHint } from '../reports/known-values.ts';
import { zoneNotes, zoneTables } from '../reports/report-zone.ts';
import {
  copyReport,
  emptyNotes,
  runReport,
  startReport,
  type Answer,
  type ReportCopy,
  type RunContext,
} from '../reports/run-report.ts';
import { namedPeriodNote } from '../reports/resolve-parameters.ts';
import { selectionOf } from '../reports/selection.ts';
import { configuredTimeZone, type GlobalOptions } from '../settings.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { toKebabCase } from '../text/names.ts';
import { plainLine } from '../text/plain-text.ts';
import type { Row } from '../warehouse/values.ts';
import { withDefinitions, type CommandContext } from './context.ts';
import { timeLeft } from './ingest-progress.ts';
import { startSpinner } from './spinner.ts';

/** Runs one report and prints its answer; used by `report` and by every command based on a report. */
export async function runAndPrint(
  context: CommandContext,
  report: Report,
  params: RawParameters,
  options: OutputOptions & { all?: boolean },
): Promise<void> {
  const { io, duckdb, catalog, openData } = context;
  const { format, columns } = resolveOutput(options, outputColumns(withComparison(report, params)));
  assertTotalFormat(report, params, format, '--total');
  if (options.all && ['table', 'record', 'markdown'].includes(format)) {
    throw new WattduckError('format_needs_all_rows', { format });
  }
  const daily = format === 'html' && report.forecast?.daily ? await catalog.report(report.forecast.daily) : undefined;
  const tables = [...report.tables, ...(daily?.tables ?? []), ...zoneTables];
  if (format === 'parquet') {
    const { withWorkDir } = await import('../render/parquet-file.ts');
    return withWorkDir(async (workDir) => {
      await openData({ tables, workDir });
      await writeParquet(
        context,
        report,
        params,
        columns.map(({ name }) => name),
        options,
      );
    });
  }
  traceReport(io, report);
  const opening = performance.now();
  await openData({ tables });
  trace(io, `opened the data: ${elapsed(opening)}`);
  const running = performance.now();
  if (!isStreamFormat(format)) {
    const answer = await withProgress(context, report, (runContext) =>
      runReport(duckdb, report, params, runContext, options.all),
    );
    trace(io, `ran ${toKebabCase(report.name)}: ${pluralize(answer.rows.length, 'row')}, ${elapsed(running)}`);
    const chart =
      format === 'html' ? await (await import('./chart.ts')).drawForPage(context, daily ?? report, params) : undefined;
    await printAnswer(context, answer, options, chart);
    const isOnTerminal = (format === 'table' || format === 'record') && options.output === undefined && io.stdout.isTTY;
    return printReportNotes(io, [
      ...(format === 'table' || format === 'record' ? [] : emptyNotes(answer.emptyReason)),
      ...answer.notes,
      ...(isOnTerminal ? zoneNotes(answer.report, answer.zone) : []),
    ]);
  }
  const reportStream = await withProgress(context, report, (runContext) =>
    startReport(duckdb, report, params, runContext, options.all),
  );
  let rows = 0;
  const spinner = options.output === undefined ? undefined : await startSpinner(io, `writing ${options.output}`);
  const onRows = (count: number): void => {
    rows += count;
    spinner?.update(`writing ${options.output}: ${pluralize(rows, 'row')}`);
  };
  await writeStream(
    io,
    formatRows(
      format,
      columns,
      { ...reportStream, chunks: countRows(reportStream.chunks, onRows) },
      report.answer,
      csvOptions(format, options),
    ),
    options.output,
  ).finally(() => spinner?.stop());
  const { total } = await reportStream.end();
  trace(io, `ran ${toKebabCase(report.name)}: ${pluralize(rows, 'row')}, ${elapsed(running)}`);
  printReportNotes(io, [
    ...(hasMoreRows(total, reportStream.rawValues, rows) ? [truncationNote(rows, total, pagingHint(report))] : []),
    ...emptyNotes(reportStream.emptyReason),
    ...reportStream.notes,
  ]);
}

/** Names the SQL files of a report, with --verbose. */
function traceReport(io: Io, { path, views }: Report): void {
  trace(io, `SQL ${[path, ...views.map((view) => view.path)].join(', ')}`);
}

async function writeParquet(
  context: CommandContext,
  report: Report,
  params: RawParameters,
  columns: readonly string[],
  { output, all = false }: OutputOptions & { all?: boolean },
): Promise<void> {
  const { io, duckdb } = context;
  const { parquetFile } = await import('../render/parquet-file.ts');
  let copied: ReportCopy | undefined;
  const pieces = parquetFile(duckdb, async (target) => {
    copied = await withProgress(context, report, (runContext) =>
      copyReport(duckdb, report, params, runContext, target, { columns, all, count: true }),
    );
  });
  await writeFileInPieces(output!, pieces);
  const { rowCount, total = 0, rawValues, emptyReason, notes } = copied!;
  printReportNotes(io, [
    ...(hasMoreRows(total, rawValues, rowCount) ? [truncationNote(rowCount, total, pagingHint(report))] : []),
    ...emptyNotes(emptyReason),
    ...notes,
  ]);
}

/** Opens the database for one built-in report, runs it and prints it: the work of commands that are a report by another name. */
export const runReportCommand = (
  io: Io,
  options: GlobalOptions & OutputOptions,
  name: string,
  params: RawParameters,
): Promise<void> =>
  withDefinitions(
    io,
    options,
    async ({ catalog, query }) => {
      const report = await catalog.report(name);
      await query([report], (context) => runAndPrint(context, report, params, options));
    },
    false,
  );

/** Prints the notes of an answer to stderr. */
export const printReportNotes = ({ stderr }: Io, notes: readonly string[]): void =>
  notes.forEach((note) => stderr.write(`${plainLine(note)}\n`));

/** Runs a report, and shows the progress of its forecast on a terminal. */
export async function withProgress<T>(
  context: CommandContext,
  report: Report,
  run: (context: RunContext) => Promise<T>,
): Promise<T> {
  if (!report.forecast) return run(createRunContext(context));
  const spinner = await startSpinner(context.io, 'forecasting');
  const started = performance.now();
  try {
    return await run({
      ...createRunContext(context),
      onForecast: (done, of) => of > 1 && spinner.update(forecastProgress(done, of, started)),
    });
  } finally {
    spinner.stop();
  }
}

function forecastProgress(done: number, of: number, started: number): string {
  const left = timeLeft((100 * done) / of, (performance.now() - started) / 1000);
  return [`forecasting ${formatCount(done)} of ${formatCount(of)} series`, left ?? []].flat().join(', ');
}

/** Rows as they come, counted. */
export async function* countRows(chunks: AsyncGenerator<Row[]>, onRows: (rows: number) => void): AsyncGenerator<Row[]> {
  for await (const rows of chunks) {
    onRows(rows.length);
    yield rows;
  }
}

/** How to see more rows. */
export const pagingHint = (report: Report): string =>
  report.page.kind === 'take_skip' ? 'use --take and --skip for more' : 'use --limit for more';

/** How the command line names parameters, and the current time. */
export const createRunContext = ({ io, settings, duckdb }: CommandContext): RunContext => ({
  now: io.now(),
  defaultTimeZone: configuredTimeZone(settings),
  baseCurrency: settings.currency.value,
  label: (name) => `--${toKebabCase(name)}`,
  valuesHint: (name) => valuesHint(duckdb, name),
});

/** Prints the answer of a report. */
export const printAnswer = (
  context: Pick<CommandContext, 'io' | 'settings'>,
  answer: Answer,
  options: OutputOptions,
  chart?: PageChart,
): Promise<void> => printRows(context.io, toRowSet(context, answer, chart), options);

/** The rows of an answer, with its texts and its document. */
export function toRowSet({ settings }: Pick<CommandContext, 'settings'>, answer: Answer, chart?: PageChart): RowSet {
  const { report, rows, totalRow, emptyReason, rawValues, zone, notes } = answer;
  // A page names its period in the line below its title.
  const note = namedPeriodNote(report, rawValues, zone);
  const hasNote = note !== undefined && notes.includes(note);
  return {
    columns: outputColumns(report),
    leadingColumns: report.leadingColumns,
    rows,
    totalRow,
    emptyReason,
    total: isTruncated(answer) ? answer.total : rows.length,
    about: {
      title: report.title,
      context: selectionOf(report, rawValues, hasNote ? zone?.name : undefined),
      notes: hasNote ? notes.filter((each) => each !== note) : notes,
      chart,
      zone: zone?.name ?? configuredTimeZone(settings) ?? 'UTC',
    },
    moreHint: pagingHint(report),
    document: () => toDocument(answer),
    toDocumentRow: (row) => toDocumentRow(report, row),
  };
}
