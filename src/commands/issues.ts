import { Command } from 'commander';
import { outputColumns } from '../catalog/definitions.ts';
import { suggest } from '../text/names.ts';
import { WattduckError } from '../errors.ts';
import { clipped } from '../text/plain-text.ts';
import type { Io } from '../io.ts';
import { settleOutput, type OutputOptions } from '../render/present.ts';
import type { GlobalOptions } from '../settings.ts';
import { commonFlags, runNamed } from './report.ts';
import { bindContext, presentAnswer } from './run-and-present.ts';
import { commonOptions, outputOptions, withSession, type Session } from './session.ts';

type IssuesOptions = GlobalOptions & OutputOptions;

export function issuesCommand(io: Io): Command {
  const command = new Command('issues').enablePositionalOptions();
  asReport(
    io,
    command
      .command('list', { isDefault: true })
      .description('open, acknowledged and lately resolved ones; options: wattduck report issues --help'),
    'issues',
  );
  asReport(
    io,
    command
      .command('summary')
      .description('counts by state, type and severity; options: wattduck report issues-summary --help'),
    'issues_summary',
  );
  asReport(
    io,
    command.command('history').description('every acknowledgement; options: wattduck report issue-history --help'),
    'issue_history',
  );
  commonOptions(
    outputOptions(
      command
        .command('ack')
        .description('tell that somebody knows of an issue; again with another note keeps the newest and the history'),
    ),
  )
    .argument('<id>', 'the issue, as listed')
    .option('--note <text>', 'what is done about it')
    .action((id: string, options: IssuesOptions & { note?: string }) =>
      withSession(io, options, (session) => ack(session, id, options)),
    );
  return command.addHelpText(
    'after',
    '\nExamples:\n  wattduck issues --status open\n  wattduck issues summary\n  wattduck issues ack iss_62b44eb8d8e0d1c3 --note "Field engineer dispatched"',
  );
}

/** A command that is a report underneath, with all its options. */
const asReport = (io: Io, command: Command, report: string): Command =>
  commonOptions(outputOptions(command))
    .argument('[options...]', "the report's own options")
    .passThroughOptions()
    .allowUnknownOption()
    .action((own: string[], options: IssuesOptions) => {
      const [word] = own;
      if (word !== undefined && !word.startsWith('-')) {
        throw new WattduckError(
          'usage',
          clipped`issues: "${word}" is neither a command nor an option`,
          suggest(word, ['list', 'summary', 'history', 'ack']),
        );
      }
      return withSession(io, { ...options, ...commonFlags(own) }, (session) => runNamed(session, report, own, options));
    });

async function ack(session: Session, id: string, options: IssuesOptions & { note?: string }): Promise<void> {
  const { engine, catalog, settings, patience } = session;
  const [{ openExistingForWriting: openForChanging }, { acknowledge }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../reports/acknowledge.ts'),
  ]);
  const [action, issue] = [await catalog.action('acknowledge'), await catalog.report('issue')];
  settleOutput(options, outputColumns(issue));
  await openForChanging(engine, settings.db.value, catalog, patience);
  await presentAnswer(
    session,
    await acknowledge(engine, action, issue, { issue_id: id, note: options.note }, bindContext(session)),
    options,
  );
}
