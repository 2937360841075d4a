import type { Report } from '../catalog/definitions.ts';
import { dashed } from '../catalog/names.ts';
import { present, settleOutput, type OutputOptions } from '../render/present.ts';
import type { BindContext, Given } from '../warehouse/binder.ts';
import { openForReading } from '../warehouse/database.ts';
import { isCut, toDocument } from '../warehouse/document.ts';
import { runReport, type Answer } from '../warehouse/run-report.ts';
import type { Session } from './session.ts';

/** Runs one report over the database and prints its answer: the way of `report` and of every command that is one underneath. */
export async function runAndPresent(session: Session, report: Report, given: Given, options: OutputOptions): Promise<void> {
  const { engine, settings, catalog, patience } = session;
  settleOutput(options, report.columns);
  await openForReading(engine, settings.db.value, catalog, patience, report.tables);
  const zone = report.parameters.find(({ role }) => role === 'time_zone');
  const withZone = zone && given[zone.name] === undefined ? { ...given, [zone.name]: settings.tz.value } : given;
  await presentAnswer(session, await runReport(engine, report, withZone, bindContext(session)), options);
}

/** How the command line names parameters, and what time it is. */
export const bindContext = ({ io }: Session): BindContext => ({ now: io.now(), label: (name) => `--${dashed(name)}` });

export async function presentAnswer({ io }: Session, answer: Answer, options: OutputOptions): Promise<void> {
  const { report, rows } = answer;
  const more = report.page.kind === 'take_skip' ? '--take and --skip page on' : '--limit shows more';
  await present(io, { columns: report.columns, first: report.tableFirst, rows, total: isCut(answer) ? answer.total : rows.length, more, document: () => toDocument(answer) }, options);
}
