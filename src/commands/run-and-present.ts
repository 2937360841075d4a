import { answered, type Report } from '../catalog/definitions.ts';
import { dashed } from '../catalog/names.ts';
import { WattduckError } from '../errors.ts';
import { cutNote, present, settleOutput, type OutputOptions } from '../render/present.ts';
import { isStreamed, pourOut, textOf } from '../render/stream.ts';
import type { BindContext, Given } from '../warehouse/binder.ts';
import { openForReading } from '../warehouse/database.ts';
import { inDocument, isBeyond, isCut, toDocument } from '../warehouse/document.ts';
import { runReport, startReport, type Answer } from '../warehouse/run-report.ts';
import type { Row } from '../warehouse/values.ts';
import { inZone } from '../warehouse/zone.ts';
import type { Session } from './session.ts';

/** Runs one report over the database and prints its answer: the way of `report` and of every command that is one underneath. */
export async function runAndPresent(session: Session, report: Report, given: Given, options: OutputOptions & { all?: boolean }): Promise<void> {
  const { io, engine, settings, catalog, patience } = session;
  const { format, columns } = settleOutput(options, answered(report));
  if (options.all && !isStreamed(format)) {
    throw new WattduckError('usage', `--all does not go with ${format}, which needs all rows at once`, 'Use --format json, ndjson or csv.');
  }
  await openForReading(engine, settings.db.value, catalog, { patience, tables: report.tables, redact: settings.redact.value });
  const asked = inZone(report, given, settings.tz.value);
  if (!isStreamed(format)) return presentAnswer(session, await runReport(engine, report, asked, bindContext(session)), options);
  const running = await startReport(engine, report, asked, bindContext(session), options.all);
  let rows = 0;
  await pourOut(io, textOf(format, columns, { ...running, chunks: counted(running.chunks, (some) => void (rows += some)) }), options.output);
  const { total } = await running.end();
  if (isBeyond(total, running.texts, rows)) io.stderr.write(`${cutNote(rows, total, moreOf(report))}\n`);
}

async function* counted(chunks: AsyncGenerator<Row[]>, add: (rows: number) => void): AsyncGenerator<Row[]> {
  for await (const rows of chunks) {
    add(rows.length);
    yield rows;
  }
}

const moreOf = (report: Report): string => (report.page.kind === 'take_skip' ? '--take and --skip page on' : '--limit shows more');

/** How the command line names parameters, and what time it is. */
export const bindContext = ({ io }: Session): BindContext => ({ now: io.now(), label: (name) => `--${dashed(name)}` });

export async function presentAnswer({ io }: Session, answer: Answer, options: OutputOptions): Promise<void> {
  const { report, rows } = answer;
  await present(io, {
    columns: answered(report),
    first: report.tableFirst,
    rows,
    total: isCut(answer) ? answer.total : rows.length,
    more: moreOf(report),
    document: () => toDocument(answer),
    record: (row) => inDocument(report, row),
  }, options);
}
