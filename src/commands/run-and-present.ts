import type { Report } from '../catalog/definitions.ts';
import { dashed } from '../catalog/names.ts';
import { present, settleOutput, type OutputOptions } from '../render/present.ts';
import type { Given } from '../warehouse/binder.ts';
import { openForReading } from '../warehouse/database.ts';
import { isCut, toDocument } from '../warehouse/document.ts';
import { runReport } from '../warehouse/run-report.ts';
import type { Session } from './session.ts';

/** Runs one report over the database and prints its answer: the way of `report` and of every command that is one underneath. */
export async function runAndPresent(session: Session, report: Report, given: Given, options: OutputOptions): Promise<void> {
  const { engine, io, settings, catalog, patience } = session;
  settleOutput(options, report.columns);
  await openForReading(engine, settings.db.value, catalog, patience, report.tables);
  const zone = report.parameters.find(({ role }) => role === 'time_zone');
  const withZone = zone && given[zone.name] === undefined ? { ...given, [zone.name]: settings.tz.value } : given;
  const answer = await runReport(engine, report, withZone, { now: io.now(), label: (name) => `--${dashed(name)}` });
  const paging = report.page.kind === 'take_skip' ? '--take and --skip page on' : '--limit shows more';
  await present(io, { columns: report.columns, rows: answer.rows, total: isCut(answer) ? answer.total : answer.rows.length, more: paging, document: () => toDocument(answer) }, options);
}
