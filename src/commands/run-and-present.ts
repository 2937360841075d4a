import { answered, type Report } from '../catalog/definitions.ts';
import { dashed } from '../catalog/names.ts';
import { present, settleOutput, type OutputOptions } from '../render/present.ts';
import { presentStream } from '../render/stream.ts';
import type { BindContext, Given } from '../warehouse/binder.ts';
import { openForReading } from '../warehouse/database.ts';
import { inDocument, isCut, toDocument } from '../warehouse/document.ts';
import { runReport, streamReport, type Answer } from '../warehouse/run-report.ts';
import type { Session } from './session.ts';

/** Runs one report over the database and prints its answer: the way of `report` and of every command that is one underneath. */
export async function runAndPresent(session: Session, report: Report, given: Given, options: OutputOptions & { all?: boolean }): Promise<void> {
  const { engine, settings, catalog, patience } = session;
  settleOutput(options, answered(report));
  await openForReading(engine, settings.db.value, catalog, { patience, tables: report.tables, redact: settings.redact.value });
  const zone = report.parameters.find(({ role }) => role === 'time_zone');
  const withZone = zone && given[zone.name] === undefined ? { ...given, [zone.name]: settings.tz.value } : given;
  if (options.all) return presentStream(session.io, answered(report), streamReport(engine, report, withZone, bindContext(session)), (row) => inDocument(report, row), options);
  await presentAnswer(session, await runReport(engine, report, withZone, bindContext(session)), options);
}

/** How the command line names parameters, and what time it is. */
export const bindContext = ({ io }: Session): BindContext => ({ now: io.now(), label: (name) => `--${dashed(name)}` });

export async function presentAnswer({ io }: Session, answer: Answer, options: OutputOptions): Promise<void> {
  const { report, rows } = answer;
  const more = report.page.kind === 'take_skip' ? '--take and --skip page on' : '--limit shows more';
  await present(io, {
    columns: answered(report),
    first: report.tableFirst,
    rows,
    total: isCut(answer) ? answer.total : rows.length,
    more,
    document: () => toDocument(answer),
    record: (row) => inDocument(report, row),
  }, options);
}
