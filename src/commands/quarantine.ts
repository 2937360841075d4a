import { Command } from 'commander';
import { WattduckError } from '../errors.ts';
import type { Io } from '../io.ts';
import type { OutputOptions } from '../render/present.ts';
import type { GlobalOptions } from '../settings.ts';
import { runAndPresent } from './run-and-present.ts';
import { commonOptions, outputOptions, withSession, type Session } from './session.ts';

type QuarantineOptions = GlobalOptions & OutputOptions & { source?: string; file?: string; limit?: string; all?: boolean };

export function quarantineCommand(io: Io): Command {
  const command = new Command('quarantine');
  const chosen = (each: Command): Command =>
    commonOptions(each).option('--source <name>', 'only rows meant for this source').option('--file <file>', 'only rows of this file');
  const answering = (each: Command): Command => outputOptions(chosen(each)).option('--limit <n>', 'most rows answered');

  answering(command.command('list', { isDefault: true }).description('grouped by reason, with the first example of each'))
    .action((options: QuarantineOptions) => withSession(io, options, (session) => show(session, 'quarantine_summary', options)));
  answering(command.command('export').description('every row, as CSV unless another format is asked for'))
    .action((options: QuarantineOptions) =>
      withSession(io, options, (session) => show(session, 'quarantine_rows', { ...options, ...asCsv(options) })));
  chosen(command.command('clear').description('delete rows that are no longer wanted'))
    .option('--all', 'all of them')
    .action((options: QuarantineOptions) => withSession(io, options, (session) => clear(session, options)));
  return command;
}

const asCsv = ({ format, json, output }: OutputOptions): OutputOptions => (format || json || output ? {} : { format: 'csv' });

async function show(session: Session, name: string, options: QuarantineOptions): Promise<void> {
  const report = await session.catalog.report(name);
  await runAndPresent(session, report, { source: options.source, file: options.file, limit: options.limit }, options);
}

async function clear({ io, engine, catalog, settings, patience }: Session, options: QuarantineOptions): Promise<void> {
  if (!options.all && options.source === undefined && options.file === undefined) {
    throw new WattduckError('usage', 'quarantine clear needs --source, --file or --all', 'Say which rows are no longer wanted.');
  }
  const [{ openForWriting }, { runAction }] = await Promise.all([import('../warehouse/database.ts'), import('../warehouse/run-action.ts')]);
  await openForWriting(engine, settings.db.value, catalog, patience);
  const action = await catalog.action('quarantine_clear');
  const changed = await runAction(engine, action, { source: options.source, file: options.file }, { now: io.now(), label: (name) => `--${name}` });
  io.stdout.write(`${changed.toLocaleString('en-US')} rows cleared\n`);
}
