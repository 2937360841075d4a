import { Command } from 'commander';
import { WattduckError } from '../errors/wattduck-error.ts';
import { isQuiet, type Io } from '../io.ts';
import type { OutputOptions } from '../render/print-rows.ts';
import type { GlobalOptions } from '../settings.ts';
import { pluralize } from '../text/format-number.ts';
import { clipped } from '../text/plain-text.ts';
import { addCommonOptions, addOutputOptions, withContext, type CommandContext } from './context.ts';
import { fileSummary, printNotes } from './ingest-summary.ts';
import { addReadOptions, readOptions, type ReadFlags } from './ingest.ts';
import { createRunContext, runReportCommand } from './print-report.ts';

type QuarantineOptions = GlobalOptions &
  OutputOptions & { source?: string; file?: string; reason?: string; line?: string; limit?: string; all?: boolean };

export function quarantineCommand(io: Io): Command {
  const command = new Command('quarantine');
  const withSourceFilters = (each: Command): Command =>
    addCommonOptions(each)
      .option('--source <name>', 'Source to filter by')
      .option('--file <file>', 'File to filter by');
  const withOutputOptions = (each: Command): Command =>
    addOutputOptions(withSourceFilters(each)).option('--limit <n>', 'Maximum number of rows');
  const withRowFilters = (each: Command): Command =>
    withOutputOptions(each)
      .option('--reason <text>', 'Text in the reason to filter by')
      .option('--line <n>', 'Line to filter by');

  withOutputOptions(
    command
      .command('list', { isDefault: true })
      .description('List rejected rows grouped by reason, with an example of each'),
  ).action((options: QuarantineOptions) => printQuarantine(io, 'quarantine_summary', options));
  withRowFilters(
    command.command('show').description('Show rejected rows with line, column, value, reason and original text'),
  ).action((options: QuarantineOptions) => printQuarantine(io, 'quarantine_rows', { limit: '20', ...options }));
  withRowFilters(
    command
      .command('export')
      .description('Export all rejected rows, as CSV by default. Correct the raw column and retry'),
  ).action((options: QuarantineOptions) =>
    printQuarantine(io, 'quarantine_rows', { ...options, ...csvByDefault(options) }),
  );
  addReadOptions(
    withSourceFilters(
      command
        .command('retry')
        .description('Retry rejected rows: with a corrected mapping, other options or a corrected export'),
    ),
  )
    .argument('[export]', 'CSV from quarantine export with a corrected raw column')
    .action((corrected: string | undefined, options: QuarantineOptions & ReadFlags) =>
      withContext(io, options, (context) => retry(context, corrected, options)),
    );
  withSourceFilters(command.command('clear').description('Delete rejected rows'))
    .option('--all', 'All rejected rows')
    .action((options: QuarantineOptions) => withContext(io, options, (context) => clear(context, options)));
  return command;
}

const csvByDefault = ({ format, json, output }: OutputOptions): OutputOptions =>
  format || json || output ? {} : { format: 'csv' };

function printQuarantine(io: Io, name: string, options: QuarantineOptions): Promise<void> {
  const { source, file, reason, line, limit } = options;
  const rowFilters = name === 'quarantine_rows' ? { reason, line } : {};
  return runReportCommand(io, options, name, { source, file, limit, ...rowFilters });
}

async function retry(
  context: CommandContext,
  corrected: string | undefined,
  options: QuarantineOptions & ReadFlags,
): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait } = context;
  const [{ openExistingForWriting }, { retryQuarantined }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../ingest/retry-quarantined.ts'),
  ]);
  const ingestOptions = await readOptions(context, options);
  await openExistingForWriting(duckdb, settings.db.value, catalog, lockWait);
  const selection = {
    ...(options.file === undefined ? {} : { file: options.file }),
    ...(corrected === undefined ? {} : { corrected }),
  };
  const { results, missing } = await retryQuarantined(duckdb, catalog, { ...ingestOptions, ...selection });
  if (missing > 0)
    io.stderr.write(clipped`skipped ${pluralize(missing, 'row')} of ${corrected} no longer in the quarantine\n`);
  for (const result of results) {
    if (!isQuiet(io)) io.stdout.write(`${fileSummary(result)}\n`);
    printNotes(io, result);
  }
}

async function clear(context: CommandContext, options: QuarantineOptions): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait } = context;
  if (!options.all && options.source === undefined && options.file === undefined) {
    throw new WattduckError('clear_needs_filter');
  }
  const [{ openExistingForWriting }, { runAction }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../reports/run-action.ts'),
  ]);
  await openExistingForWriting(duckdb, settings.db.value, catalog, lockWait);
  const action = await catalog.action('quarantine_clear');
  const clearedRows = await duckdb.withWriteLock(() =>
    runAction(duckdb, action, { source: options.source, file: options.file }, createRunContext(context)),
  );
  if (!isQuiet(io)) io.stdout.write(`${pluralize(clearedRows, 'row')} deleted from the quarantine\n`);
}
