import { Command } from 'commander';
import { outputColumns } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import { resolveOutput, type OutputOptions } from '../render/print-rows.ts';
import type { GlobalOptions } from '../settings.ts';
import { suggest } from '../text/names.ts';
import { addCommonOptions, addOutputOptions, withContext, withDefinitions, type CommandContext } from './context.ts';
import { parseCommonFlags, runReportByName } from './report.ts';

type IssuesOptions = GlobalOptions & OutputOptions;

export function issuesCommand(io: Io): Command {
  const command = new Command('issues').enablePositionalOptions();
  reportSubcommand(
    io,
    command
      .command('list', { isDefault: true })
      .description('List open, acknowledged and recently resolved issues (options: wattduck report issues --help)'),
    'issues',
  );
  reportSubcommand(
    io,
    command
      .command('summary')
      .description('Count issues by state, type and severity (options: wattduck report issues-summary --help)'),
    'issues_summary',
  );
  reportSubcommand(
    io,
    command
      .command('history')
      .description('List every acknowledgement (options: wattduck report issue-history --help)'),
    'issue_history',
  );
  addCommonOptions(
    addOutputOptions(command.command('ack').description('Acknowledge an issue. Repeat to change the note')),
  )
    .argument('<id>', 'Issue ID, as listed')
    .option('--note <text>', 'Note, for example who works on it')
    .action((id: string, options: IssuesOptions & { note?: string }) =>
      withContext(io, options, (context) => acknowledgeIssue(context, id, options)),
    );
  return command.addHelpText(
    'after',
    '\nExamples:\n  wattduck issues --status open\n  wattduck issues summary\n  wattduck issues ack iss_62b44eb8d8e0d1c3 --note "Field engineer dispatched"',
  );
}

/** Turns a command into a report with all its options. */
const reportSubcommand = (io: Io, command: Command, report: string): Command =>
  addCommonOptions(addOutputOptions(command))
    .argument('[options...]', 'Options of the report')
    .passThroughOptions()
    .allowUnknownOption()
    .action((reportArgs: string[], options: IssuesOptions) => {
      const [firstArgument] = reportArgs;
      if (firstArgument !== undefined && !firstArgument.startsWith('-')) {
        throw new WattduckError('unknown_issues_command', {
          name: firstArgument,
          suggestion: suggest(firstArgument, ['list', 'summary', 'history', 'ack']),
        });
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
  const [{ createRunContext, printAnswer }, { openExistingForWriting }, { acknowledge }] = await Promise.all([
    import('./print-report.ts'),
    import('../warehouse/database.ts'),
    import('../reports/acknowledge.ts'),
  ]);
  const [action, issue] = [await catalog.action('acknowledge'), await catalog.report('issue')];
  resolveOutput(options, outputColumns(issue));
  await openExistingForWriting(duckdb, settings.db.value, catalog, lockWait);
  await printAnswer(
    context,
    await acknowledge(duckdb, action, issue, { issue_id: id, note: options.note }, createRunContext(context)),
    options,
  );
}
