import { Command } from 'commander';
import { outputColumns } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import { resolveOutput, type OutputOptions } from '../render/print-rows.ts';
import type { GlobalOptions } from '../settings.ts';
import { suggest } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import { addCommonOptions, addOutputOptions, withContext, withDefinitions, type CommandContext } from './context.ts';
import { parseCommonFlags, runReportByName } from './report.ts';

type IssuesOptions = GlobalOptions & OutputOptions;

export function issuesCommand(io: Io): Command {
  const command = new Command('issues').enablePositionalOptions();
  reportSubcommand(
    io,
    command
      .command('list', { isDefault: true })
      .description('open, acknowledged and lately resolved ones; options: wattduck report issues --help'),
    'issues',
  );
  reportSubcommand(
    io,
    command
      .command('summary')
      .description('counts by state, type and severity; options: wattduck report issues-summary --help'),
    'issues_summary',
  );
  reportSubcommand(
    io,
    command.command('history').description('every acknowledgement; options: wattduck report issue-history --help'),
    'issue_history',
  );
  addCommonOptions(
    addOutputOptions(
      command
        .command('ack')
        .description('tell that somebody knows of an issue; again with another note keeps the newest and the history'),
    ),
  )
    .argument('<id>', 'the issue, as listed')
    .option('--note <text>', 'what is done about it')
    .action((id: string, options: IssuesOptions & { note?: string }) =>
      withContext(io, options, (context) => acknowledgeIssue(context, id, options)),
    );
  return command.addHelpText(
    'after',
    '\nExamples:\n  wattduck issues --status open\n  wattduck issues summary\n  wattduck issues ack iss_62b44eb8d8e0d1c3 --note "Field engineer dispatched"',
  );
}

/** A command that is a report underneath, with all its options. */
const reportSubcommand = (io: Io, command: Command, report: string): Command =>
  addCommonOptions(addOutputOptions(command))
    .argument('[options...]', "the report's own options")
    .passThroughOptions()
    .allowUnknownOption()
    .action((reportArgs: string[], options: IssuesOptions) => {
      const [firstArgument] = reportArgs;
      if (firstArgument !== undefined && !firstArgument.startsWith('-')) {
        throw new WattduckError(
          'usage',
          clipped`issues: "${firstArgument}" is neither a command nor an option`,
          suggest(firstArgument, ['list', 'summary', 'history', 'ack']),
        );
      }
      return withDefinitions(io, { ...options, ...parseCommonFlags(reportArgs) }, (context) =>
        runReportByName(context, report, reportArgs, options),
      );
    });

async function acknowledgeIssue(
  context: CommandContext,
  id: string,
  options: IssuesOptions & { note?: string },
): Promise<void> {
  const { duckdb, catalog, settings, lockWait } = context;
  const [
    { createRunContext: bindContext, printAnswer: presentAnswer },
    { openExistingForWriting: openForChanging },
    { acknowledge },
  ] = await Promise.all([
    import('./print-report.ts'),
    import('../warehouse/database.ts'),
    import('../reports/acknowledge.ts'),
  ]);
  const [action, issue] = [await catalog.action('acknowledge'), await catalog.report('issue')];
  resolveOutput(options, outputColumns(issue));
  await openForChanging(duckdb, settings.db.value, catalog, lockWait);
  await presentAnswer(
    context,
    await acknowledge(duckdb, action, issue, { issue_id: id, note: options.note }, bindContext(context)),
    options,
  );
}
