import { Command, CommanderError } from 'commander';
import { printFailure } from './commands/print-error.ts';
import { errorKinds } from './errors/kinds.ts';
import {
  elapsed,
  processIo,
  setVerbosity,
  trace,
  withPlainTextStreams,
  writeError,
  type Io,
  type Verbosity,
} from './io.ts';
import { packageVersion } from './paths.ts';
import { clipValue, maxValueLength, plainLine } from './text/plain-text.ts';

export { keepNewFilesPrivate } from './file-mode.ts';

/** Commands are loaded when they run, so that help starts fast. */
const commands: Record<string, { description: string; load(io: Io): Promise<Command> }> = {
  ingest: {
    description: 'Import CSV, NDJSON, JSON or Parquet files',
    load: async (io) => (await import('./commands/ingest.ts')).ingestCommand(io),
  },
  map: {
    description: 'Propose a mapping for a file in an unknown layout',
    load: async (io) => (await import('./commands/map.ts')).mapCommand(io),
  },
  ingests: {
    description: 'List past imports',
    load: async (io) => (await import('./commands/ingests.ts')).ingestsCommand(io),
  },
  report: {
    description: 'Run a report, or list all reports',
    load: async (io) => (await import('./commands/report.ts')).reportCommand(io),
  },
  export: {
    description: 'Write a set of reports to a folder or an Excel file, or all data as Parquet',
    load: async (io) => (await import('./commands/export.ts')).exportCommand(io),
  },
  statement: {
    description: 'Write bills of users or RFID tokens as printable pages',
    load: async (io) => (await import('./commands/statement.ts')).statementCommand(io),
  },
  page: {
    description: 'Write a page of charts and tables as one HTML file, or list all pages',
    load: async (io) => (await import('./commands/page.ts')).pageCommand(io),
  },
  issues: {
    description: 'List and acknowledge issues',
    load: async (io) => (await import('./commands/issues.ts')).issuesCommand(io),
  },
  sources: {
    description: 'List tables, their columns and row counts',
    load: async (io) => (await import('./commands/sources.ts')).sourcesCommand(io),
  },
  quarantine: {
    description: 'List, export and retry rejected rows',
    load: async (io) => (await import('./commands/quarantine.ts')).quarantineCommand(io),
  },
  sql: {
    description: 'Run a read-only SQL query',
    load: async (io) => (await import('./commands/sql.ts')).sqlCommand(io),
  },
  serve: {
    description: 'Start the HTTP server',
    load: async (io) => (await import('./commands/serve.ts')).serveCommand(io),
  },
  backup: {
    description: 'Copy the database into a file, also while it is served',
    load: async (io) => (await import('./commands/backup.ts')).backupCommand(io),
  },
  prune: {
    description: 'Delete old events by type, such as meter values',
    load: async (io) => (await import('./commands/prune.ts')).pruneCommand(io),
  },
  optimize: {
    description: 'Rewrite the database in time order, for fast reports of a period',
    load: async (io) => (await import('./commands/optimize.ts')).optimizeCommand(io),
  },
  token: {
    description: 'Manage API tokens',
    load: async (io) => (await import('./commands/token.ts')).tokenCommand(io),
  },
  completion: {
    description: 'Print a completion script for a shell',
    load: async (io) => (await import('./commands/completion.ts')).completionCommand(io),
  },
  config: {
    description: 'List the settings, with the origin of each',
    load: async (io) => (await import('./commands/config.ts')).configCommand(io),
  },
  doctor: {
    description: 'Check the installation, settings, SQL files and database',
    load: async (io) => (await import('./commands/doctor.ts')).doctorCommand(io),
  },
};

/** Builds the program with all commands, or with one of them loaded. */
export async function buildProgram(io: Io, commandName?: string): Promise<Command> {
  const root = new Command('wattduck')
    .description('Command-line analytics for EV charging networks and their customers, in one local DuckDB file.')
    .version(packageVersion)
    .enablePositionalOptions()
    .addHelpText('after', `\n${helpFooter()}`);
  for (const [name, { description, load }] of Object.entries(commands)) {
    root.addCommand(
      (commandName === undefined || commandName === name ? await load(io) : new Command(name)).description(description),
    );
  }
  const output = { writeOut: (text: string) => io.stdout.write(text), writeErr: () => undefined };
  const configureCommand = (command: Command): void => {
    command.configureOutput(output).exitOverride();
    command.commands.forEach(configureCommand);
  };
  configureCommand(root);
  root.hook('preAction', (_, command) => setVerbosity(io, command.opts<Verbosity>()));
  return root;
}

const helpFooter = (): string =>
  [
    'Get started:',
    '  wattduck ingest sessions.csv',
    '  wattduck report station-analytics',
    '',
    'Exit status:',
    '  0    done',
    ...Object.values(errorKinds)
      .flatMap((kind) => ('meaning' in kind ? [kind] : []))
      .toSorted((a, b) => a.exit - b.exit)
      .map(({ exit, meaning }) => `  ${String(exit).padEnd(4)} ${meaning}`),
  ].join('\n');

/** Runs one command line and returns the exit status. */
export async function main(args: string[], rawIo: Io = processIo()): Promise<number> {
  const started = performance.now();
  const io = withPlainTextStreams(rawIo);
  if (args[0] === '__complete')
    return (await import('./commands/complete.ts')).printCompletions(io, args.slice(1), buildProgram);
  try {
    const [name, line] = await resolveCommand(args);
    await (await buildProgram(io, name)).parseAsync(line.length > 0 ? line : ['--help'], { from: 'user' });
    trace(io, `total: ${elapsed(started)}`);
    return 0;
  } catch (error) {
    return printError(error, io, args);
  }
}

/** The command of a line, and the line with the words that people guess replaced by those of this program. */
async function resolveCommand(args: string[]): Promise<[name: string, line: string[]]> {
  const name = commandOf(args);
  if (name === 'help') return ['', ['help']];
  const isReportHelp = args[0] === 'help' && name === 'report';
  if (!isReportHelp && (Object.hasOwn(commands, name) || name === '')) return [name, args];
  const { guessCommand } = await import('./commands/guess-command.ts');
  const line = guessCommand(args, name, Object.keys(commands));
  return [commandOf(line), line];
}

/** The command that a line runs or shows the help of. */
function commandOf(args: readonly string[]): string {
  const [first = '', second = ''] = args.filter((arg) => !arg.startsWith('-'));
  return first === 'help' ? second : first;
}

function printError(error: unknown, io: Io, args: readonly string[]): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // A command group without a subcommand shows its help.
    if (error.code === 'commander.help') return errorKinds.usage.exit;
    writeError(io, plainLine(usageMessage(error, args).replaceAll(/\s*\n\s*/g, ' ')).replace(/^error: /, ''));
    return errorKinds.usage.exit;
  }
  return printFailure(error, io, args.includes('--debug'));
}

/** Commander's message with long arguments clipped. */
function usageMessage({ message }: CommanderError, args: readonly string[]): string {
  const argumentTexts = args.flatMap((arg) => [arg, arg.split('=')[0]!, arg.slice(arg.indexOf('=') + 1), arg.slice(2)]);
  return argumentTexts
    .filter((text) => text.length > maxValueLength)
    .reduce((result, text) => result.replaceAll(text, clipValue(text)), message);
}
