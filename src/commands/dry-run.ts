import { previewFile, type IngestOptions } from '../ingest/ingest-file.ts';
import { columnOrigins } from '../ingest/row-issues.ts';
import { printRows } from '../render/print-rows.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { plainLine } from '../text/plain-text.ts';
import { identifier } from '../warehouse/duckdb.ts';
import { redactions } from '../warehouse/redact.ts';
import type { CommandContext } from './context.ts';
import { assertNoFailures, forEachFile, type FileRun } from './each-file.ts';
import { describeFormat, noteLines } from './ingest-summary.ts';

/** Number of rows to preview. */
const maxRows = 5;

/** Prints the detected format of each file, how its fields map to columns, and its first and rejected rows; imports nothing. */
export async function dryRun(
  { io, duckdb, catalog, settings }: CommandContext,
  run: FileRun,
  optionsOf: (file: string) => IngestOptions,
  json: boolean,
): Promise<void> {
  const failures = await forEachFile(run, async (file) => {
    await previewFile(duckdb, catalog, file, optionsOf(file), async (summary, plan, stageResult) => {
      const origins = columnOrigins(plan).filter(({ column }) => stageResult.columnNames.includes(column));
      const replacements = settings.redact.value ? ((await redactions(catalog)).get(plan.source.name) ?? {}) : {};
      const selectList = stageResult.columnNames
        .map((name) => `${replacements[name] ?? identifier(name)} as ${identifier(name)}`)
        .join(', ');
      const rows = await duckdb.rows(`select ${selectList} from staged limit ${maxRows}`);
      if (json) {
        io.stdout.write(`${JSON.stringify({ ...summary, columns: origins, first_rows: rows })}\n`);
        return;
      }
      io.stdout.write(`${plainLine(summary.file)}: ${describeFormat(summary)}\n`);
      for (const { column, from } of origins)
        io.stdout.write(`  ${column} <- ${plainLine(from.join(', ')) || '(constant)'}\n`);
      const columns = plan.source.columns.filter(({ name }) => stageResult.columnNames.includes(name));
      await printRows(io, { columns, rows, total: rows.length, moreHint: '', document: () => rows }, {});
      io.stdout.write(
        `${plainLine(summary.file)}: dry run of ${pluralize(summary.read, 'row')}: ${formatCount(stageResult.good)} valid, ${formatCount(stageResult.bad)} rejected${stageResult.skipped > 0 ? `, ${formatCount(stageResult.skipped)} skipped` : ''}; nothing was imported\n`,
      );
      for (const line of noteLines(summary)) io.stderr.write(`${line}\n`);
    });
  });
  assertNoFailures(failures, run.files.length + run.failures.length);
}
