import { Command } from 'commander';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import type { OutputOptions } from '../render/print-rows.ts';
import type { GlobalOptions } from '../settings.ts';
import { formatCount } from '../text/format-number.ts';
import { clipped } from '../text/plain-text.ts';
import { addCommonOptions, addOutputOptions, withContext, type CommandContext } from './context.ts';
import { fileSummary, printNotes } from './ingest-summary.ts';
import { addReadOptions, readOptions, type ReadFlags } from './ingest.ts';
import { createRunContext, runAndPrint } from './print-report.ts';

type QuarantineOptions = GlobalOptions &
  OutputOptions & { source?: string; file?: string; reason?: string; line?: string; limit?: string; all?: boolean };

export function quarantineCommand(io: Io): Command {
  const command = new Command('quarantine');
  const withSourceFilters = (each: Command): Command =>
    addCommonOptions(each)
      .option('--source <name>', 'only rows meant for this source')
      .option('--file <file>', 'only rows of this file');
  const withOutputOptions = (each: Command): Command =>
    addOutputOptions(withSourceFilters(each)).option('--limit <n>', 'most rows answered');
  const withRowFilters = (each: Command): Command =>
    withOutputOptions(each)
      .option('--reason <text>', 'only rows whose reason has this text')
      .option('--line <n>', 'only the row on this line');

  withOutputOptions(
    command.command('list', { isDefault: true }).description('grouped by reason, with the first example of each'),
  ).action((options: QuarantineOptions) =>
    withContext(io, options, (context) => printQuarantine(context, 'quarantine_summary', options)),
  );
  withRowFilters(
    command.command('show').description('the rows themselves: line, column, value, reason and the text as it was'),
  ).action((options: QuarantineOptions) =>
    withContext(io, options, (context) => printQuarantine(context, 'quarantine_rows', { limit: '20', ...options })),
  );
  withRowFilters(
    command
      .command('export')
      .description('every row, as CSV unless another format is asked for; correct its raw column, then retry it'),
  ).action((options: QuarantineOptions) =>
    withContext(io, options, (context) =>
      printQuarantine(context, 'quarantine_rows', { ...options, ...csvByDefault(options) }),
    ),
  );
  addReadOptions(
    withSourceFilters(
      command
        .command('retry')
        .description('read rows again: after a mapping was corrected, with other options, or from a corrected export'),
    ),
  )
    .argument('[export]', 'a CSV of quarantine export with its raw column corrected')
    .action((corrected: string | undefined, options: QuarantineOptions & ReadFlags) =>
      withContext(io, options, (context) => retry(context, corrected, options)),
    );
  withSourceFilters(command.command('clear').description('delete rows that are no longer wanted'))
    .option('--all', 'all of them')
    .action((options: QuarantineOptions) => withContext(io, options, (context) => clear(context, options)));
  return command;
}

const csvByDefault = ({ format, json, output }: OutputOptions): OutputOptions =>
  format || json || output ? {} : { format: 'csv' };

async function printQuarantine(context: CommandContext, name: string, options: QuarantineOptions): Promise<void> {
  const report = await context.catalog.report(name);
  const { source, file, reason, line, limit } = options;
  const rowFilters = name === 'quarantine_rows' ? { reason, line } : {};
  await runAndPrint(context, report, { source, file, limit, ...rowFilters }, options);
}

async function retry(
  context: CommandContext,
  corrected: string | undefined,
  options: QuarantineOptions & ReadFlags,
): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait } = context;
  const [{ openExistingForWriting: openForChanging }, { retryQuarantined }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../ingest/retry-quarantined.ts'),
  ]);
  const ingestOptions = await readOptions(context, options);
  await openForChanging(duckdb, settings.db.value, catalog, lockWait);
  const selection = {
    ...(options.file === undefined ? {} : { file: options.file }),
    ...(corrected === undefined ? {} : { corrected }),
  };
  const { results, missing } = await retryQuarantined(duckdb, catalog, { ...ingestOptions, ...selection });
  if (missing > 0)
    io.stderr.write(
      clipped`${formatCount(missing)} rows of ${corrected} are no longer in the quarantine and were left alone\n`,
    );
  for (const result of results) {
    io.stdout.write(`${fileSummary(result)}\n`);
    printNotes(io, result);
  }
}

async function clear(context: CommandContext, options: QuarantineOptions): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait } = context;
  if (!options.all && options.source === undefined && options.file === undefined) {
    throw new WattduckError(
      'usage',
      'quarantine clear needs --source, --file or --all',
      'Say which rows are no longer wanted.',
    );
  }
  const [{ openExistingForWriting: openForChanging }, { runAction }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../reports/run-action.ts'),
  ]);
  await openForChanging(duckdb, settings.db.value, catalog, lockWait);
  const action = await catalog.action('quarantine_clear');
  const clearedRows = await duckdb.withWriteLock(() =>
    runAction(duckdb, action, { source: options.source, file: options.file }, createRunContext(context)),
  );
  io.stdout.write(`${formatCount(clearedRows)} rows cleared\n`);
}
