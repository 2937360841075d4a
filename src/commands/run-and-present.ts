import { outputColumns, type RawParameters, type Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors.ts';
import type { Io } from '../io.ts';
import { cutNote, present, settleOutput, type OutputOptions } from '../render/present.ts';
import { isStreamed, pourOut, textOf } from '../render/stream.ts';
import { toDocumentRow, hasMoreRows, isTruncated, toDocument } from '../reports/document.ts';
import { runReport, startReport, type Answer, type RunContext } from '../reports/run-report.ts';
import { formatCount } from '../text/format-number.ts';
import { toKebabCase } from '../text/names.ts';
import { clipped, plainLine } from '../text/plain-text.ts';
import { openForReading } from '../warehouse/database.ts';
import type { Row } from '../warehouse/values.ts';
import { withDefaultTimeZone } from '../warehouse/zone.ts';
import type { Session } from './session.ts';
import { spinning } from './spinner.ts';

/** Runs one report over the database and prints its answer: the way of `report` and of every command that is one underneath. */
export async function runAndPresent(
  session: Session,
  report: Report,
  given: RawParameters,
  options: OutputOptions & { all?: boolean },
): Promise<void> {
  const { io, engine, settings, catalog, patience } = session;
  const { format, columns } = settleOutput(options, outputColumns(report));
  if (options.all && !isStreamed(format)) {
    throw new WattduckError(
      'usage',
      clipped`--all does not go with ${format}, which needs all rows at once`,
      'Use --format json, ndjson or csv.',
    );
  }
  await openForReading(engine, settings.db.value, catalog, {
    lockWait: patience,
    tables: report.tables,
    redact: settings.redact.value,
  });
  const asked = withDefaultTimeZone(report, given, settings.tz.value);
  if (!isStreamed(format)) {
    const answer = await told(session, report, (context) => runReport(engine, report, asked, context));
    await presentAnswer(session, answer, options);
    return tell(io, answer.notes);
  }
  const running = await told(session, report, (context) => startReport(engine, report, asked, context, options.all));
  let rows = 0;
  await pourOut(
    io,
    textOf(
      format,
      columns,
      { ...running, chunks: counted(running.chunks, (some) => void (rows += some)) },
      report.answer,
      { safe: options.csvSafe ?? false },
    ),
    options.output,
  );
  const { total } = await running.end();
  tell(io, [
    ...(hasMoreRows(total, running.rawValues, rows) ? [cutNote(rows, total, moreOf(report))] : []),
    ...running.notes,
  ]);
}

/** Says what a person should know of an answer. */
export const tell = ({ stderr }: Io, notes: readonly string[]): void =>
  notes.forEach((note) => stderr.write(`${plainLine(note)}\n`));

/** Runs a report, and tells on a terminal how far its forecast is. */
export async function told<T>(session: Session, report: Report, run: (context: RunContext) => Promise<T>): Promise<T> {
  if (!report.forecast) return run(bindContext(session));
  const spinner = await spinning(session.io, 'forecasting');
  try {
    return await run({
      ...bindContext(session),
      onForecast: (done, of) => of > 1 && spinner.say(`forecasting ${formatCount(done)} of ${formatCount(of)}`),
    });
  } finally {
    spinner.stop();
  }
}

async function* counted(chunks: AsyncGenerator<Row[]>, add: (rows: number) => void): AsyncGenerator<Row[]> {
  for await (const rows of chunks) {
    add(rows.length);
    yield rows;
  }
}

const moreOf = (report: Report): string =>
  report.page.kind === 'take_skip' ? '--take and --skip page on' : '--limit shows more';

/** How the command line names parameters, and what time it is. */
export const bindContext = ({ io }: Session): RunContext => ({
  now: io.now(),
  label: (name) => `--${toKebabCase(name)}`,
});

export async function presentAnswer({ io }: Session, answer: Answer, options: OutputOptions): Promise<void> {
  const { report, rows } = answer;
  await present(
    io,
    {
      columns: outputColumns(report),
      first: report.tableFirst,
      rows,
      total: isTruncated(answer) ? answer.total : rows.length,
      more: moreOf(report),
      document: () => toDocument(answer),
      record: (row) => toDocumentRow(report, row),
    },
    options,
  );
}
