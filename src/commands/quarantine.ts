import { Command } from 'commander';
import { WattduckError } from '../errors.ts';
import type { Io } from '../io.ts';
import { clipped } from '../text/plain-text.ts';
import type { OutputOptions } from '../render/present.ts';
import type { GlobalOptions } from '../settings.ts';
import { formatCount } from '../text/format-number.ts';
import { howToRead, readingOptions, type ReadingOptions } from './ingest.ts';
import { summary, tell } from './ingest-talk.ts';
import { bindContext, runAndPresent } from './run-and-present.ts';
import { commonOptions, outputOptions, withSession, type Session } from './session.ts';

type QuarantineOptions = GlobalOptions &
  OutputOptions & { source?: string; file?: string; reason?: string; line?: string; limit?: string; all?: boolean };

export function quarantineCommand(io: Io): Command {
  const command = new Command('quarantine');
  const chosen = (each: Command): Command =>
    commonOptions(each)
      .option('--source <name>', 'only rows meant for this source')
      .option('--file <file>', 'only rows of this file');
  const answering = (each: Command): Command => outputOptions(chosen(each)).option('--limit <n>', 'most rows answered');
  const picking = (each: Command): Command =>
    answering(each)
      .option('--reason <text>', 'only rows whose reason has this text')
      .option('--line <n>', 'only the row on this line');

  answering(
    command.command('list', { isDefault: true }).description('grouped by reason, with the first example of each'),
  ).action((options: QuarantineOptions) =>
    withSession(io, options, (session) => show(session, 'quarantine_summary', options)),
  );
  picking(
    command.command('show').description('the rows themselves: line, column, value, reason and the text as it was'),
  ).action((options: QuarantineOptions) =>
    withSession(io, options, (session) => show(session, 'quarantine_rows', { limit: '20', ...options })),
  );
  picking(
    command
      .command('export')
      .description('every row, as CSV unless another format is asked for; correct its raw column, then retry it'),
  ).action((options: QuarantineOptions) =>
    withSession(io, options, (session) => show(session, 'quarantine_rows', { ...options, ...asCsv(options) })),
  );
  readingOptions(
    chosen(
      command
        .command('retry')
        .description('read rows again: after a mapping was corrected, with other options, or from a corrected export'),
    ),
  )
    .argument('[export]', 'a CSV of quarantine export with its raw column corrected')
    .action((corrected: string | undefined, options: QuarantineOptions & ReadingOptions) =>
      withSession(io, options, (session) => retry(session, corrected, options)),
    );
  chosen(command.command('clear').description('delete rows that are no longer wanted'))
    .option('--all', 'all of them')
    .action((options: QuarantineOptions) => withSession(io, options, (session) => clear(session, options)));
  return command;
}

const asCsv = ({ format, json, output }: OutputOptions): OutputOptions =>
  format || json || output ? {} : { format: 'csv' };

async function show(session: Session, name: string, options: QuarantineOptions): Promise<void> {
  const report = await session.catalog.report(name);
  const { source, file, reason, line, limit } = options;
  const picked = name === 'quarantine_rows' ? { reason, line } : {};
  await runAndPresent(session, report, { source, file, limit, ...picked }, options);
}

async function retry(
  session: Session,
  corrected: string | undefined,
  options: QuarantineOptions & ReadingOptions,
): Promise<void> {
  const { io, engine, catalog, settings, patience } = session;
  const [{ openExistingForWriting: openForChanging }, { retryQuarantined }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../ingest/retry.ts'),
  ]);
  const how = await howToRead(session, options);
  await openForChanging(engine, settings.db.value, catalog, patience);
  const chosen = {
    ...(options.file === undefined ? {} : { file: options.file }),
    ...(corrected === undefined ? {} : { corrected }),
  };
  const { accounts, gone } = await retryQuarantined(engine, catalog, { ...how, ...chosen });
  if (gone > 0)
    io.stderr.write(
      clipped`${formatCount(gone)} rows of ${corrected} are no longer in the quarantine and were left alone\n`,
    );
  for (const account of accounts) {
    io.stdout.write(`${summary(account)}\n`);
    tell(io, account);
  }
}

async function clear(session: Session, options: QuarantineOptions): Promise<void> {
  const { io, engine, catalog, settings, patience } = session;
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
  await openForChanging(engine, settings.db.value, catalog, patience);
  const action = await catalog.action('quarantine_clear');
  const changed = await engine.withWriteLock(() =>
    runAction(engine, action, { source: options.source, file: options.file }, bindContext(session)),
  );
  io.stdout.write(`${formatCount(changed)} rows cleared\n`);
}
