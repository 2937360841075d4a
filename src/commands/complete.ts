import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Argument, Command, Option } from 'commander';
import { Catalog } from '../catalog/catalog.ts';
import { outputColumns, type Parameter, type Report } from '../catalog/definitions.ts';
import { namesOf } from '../catalog/period-parameters.ts';
import type { Io } from '../io.ts';
import { exportFormats, formats } from '../render/output-formats.ts';
import { knownValues, valueSources } from '../reports/known-values.ts';
import { resolveSettings } from '../settings.ts';
import { relativePeriods } from '../text/calendar-period.ts';
import { toKebabCase, toSnakeCase } from '../text/names.ts';
import { plainLine } from '../text/plain-text.ts';
import { withDefinitions } from './context.ts';
import { commandForReport, parseCommonFlags } from './report.ts';

/** Builds the program with one command loaded. */
type BuildProgram = (io: Io, commandName: string) => Promise<Command>;

/** A word that may come next. */
interface Candidate {
  value: string;
  description?: string;
}

/** What may come next: some words, or the name of a file. */
type Completion = readonly Candidate[] | 'files';

/** The line after which the shell completes names of files. */
const filesLine = ':files';

/**
 * Prints what may come next on a command line, one word per line with a description after a tab. Shells run it on every
 * tab key: it prints nothing rather than an error, and waits for no lock.
 * @param words the words after the program's name; the last one is incomplete, and may be empty
 */
export async function printCompletions(io: Io, words: readonly string[], buildProgram: BuildProgram): Promise<number> {
  const silent: Io = { ...io, stderr: { write: () => true, isTTY: false } };
  const completion = await complete(silent, words.map(unquote), buildProgram).catch((): Completion => []);
  // Values with control characters cannot be typed, and must not reach the terminal.
  const isTypeable = ({ value }: Candidate): boolean => value === plainLine(value);
  const lines =
    completion === 'files'
      ? [filesLine]
      : completion
          .filter(isTypeable)
          .map(({ value, description }) => (description === undefined ? value : `${value}\t${summarize(description)}`));
  io.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}

/** A word without the quotes that some shells pass on. */
const unquote = (word: string): string =>
  word
    .replace(/^["']/, '')
    .replace(/["']$/, '')
    .replace(/^~(?=\/)/, homedir());

const maxDescription = 60;

/** The start of a description, in one line. */
function summarize(description: string): string {
  const text = plainLine(description.split(/(?<=\.)\s|[;(]/)[0]!.trim()).replace(/\.$/, '');
  return text.length <= maxDescription ? text : `${text.slice(0, maxDescription - 1)}…`;
}

/** Reports that are commands of their own. */
const issueReports: Readonly<Record<string, string>> = {
  list: 'issues',
  summary: 'issues_summary',
  history: 'issue_history',
};

async function complete(io: Io, words: readonly string[], buildProgram: BuildProgram): Promise<Completion> {
  const [name = '', ...rest] = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const program = await buildProgram(io, name);
  const line: Line = { io, words, current };
  if (name === '')
    return startingWith(current, [...subcommands(program), ...(current.startsWith('-') ? flags(program, []) : [])]);
  if (name === 'help')
    return rest.length > 0 ? [] : startingWith(current, [...subcommands(program), ...(await reportNames(line))]);
  const command = program.commands.find((each) => each.name() === name);
  if (!command) return [];
  if (name === 'report') {
    const { positionals, firstAt } = scan(command, rest);
    return positionals.length === 0
      ? completeCommand(line, command, rest)
      : completeReport(line, positionals[0]!, rest.slice(firstAt + 1));
  }
  if (name === 'page') {
    const { positionals, firstAt } = scan(command, rest);
    return positionals.length === 0
      ? completeCommand(line, command, rest)
      : completePage(line, positionals[0]!, rest.slice(firstAt + 1));
  }
  const [first = ''] = rest;
  const subcommand = command.commands.find((each) => each.name() === first);
  if (command.commands.length > 0 && rest.length === 0 && !current.startsWith('-'))
    return startingWith(current, subcommands(command));
  // The first subcommand is the default one.
  const selected = subcommand ?? command.commands[0] ?? command;
  const selectedWords = subcommand ? rest.slice(1) : rest;
  const report = name === 'issues' ? issueReports[selected.name()] : undefined;
  return report === undefined
    ? completeCommand(line, selected, selectedWords)
    : completeReport(line, report, selectedWords);
}

/** A command line with its last word, which is incomplete. */
interface Line {
  io: Io;
  words: readonly string[];
  current: string;
}

const startingWith = (current: string, candidates: readonly Candidate[]): Candidate[] =>
  candidates.filter(({ value }) => value.startsWith(current));

const subcommands = (command: Command): Candidate[] =>
  command.commands.map((each) => ({ value: each.name(), description: each.description() }));

const flags = ({ options }: Command, words: readonly string[]): Candidate[] =>
  [...options, helpFlag].flatMap(({ long, hidden, description }) =>
    hidden || !long || words.includes(long) ? [] : [{ value: long, description }],
  );

const helpFlag = { long: '--help', hidden: false, description: 'Show the help' };

/** The positional arguments in some words, the index of the first one, and the option whose value comes next. */
function scan(
  command: Command,
  words: readonly string[],
): { positionals: string[]; firstAt: number; pending: Option | undefined } {
  const positionals: string[] = [];
  let firstAt = -1;
  let pending: Option | undefined;
  for (const [at, word] of words.entries()) {
    if (pending) pending = undefined;
    else if (word.startsWith('-') && word !== '-') pending = optionWithValue(command, word);
    else {
      if (firstAt < 0) firstAt = at;
      positionals.push(word);
    }
  }
  return { positionals, firstAt, pending };
}

const optionWithValue = (command: Command, flag: string): Option | undefined =>
  command.options.find((each) => (each.long === flag || each.short === flag) && (each.required || each.optional));

/** Completes the words after the name of a report. */
const completeReport = (line: Line, name: string, words: readonly string[]): Promise<Completion> =>
  withDefinitions(line.io, settingsOf(line), async ({ catalog }) => {
    const report = await catalog.report(name);
    const daily = report.forecast?.daily === undefined ? undefined : await catalog.report(report.forecast.daily);
    return completeCommand(line, commandForReport(report, daily), words, [report, daily ?? []].flat());
  });

/** What values of options come from. */
type OptionSource = Pick<Report, 'parameters' | 'columns'>;

/** Completes the words after the name of a page. */
async function completePage(line: Line, name: string, words: readonly string[]): Promise<Completion> {
  const { findPage, pageCommandFor, pageParameters, reportPrefix } = await import('./page.ts');
  if (name.startsWith(reportPrefix)) return completeReport(line, name.slice(reportPrefix.length), words);
  return withDefinitions(line.io, settingsOf(line), async (context) => {
    const page = await findPage(context, name);
    return completeCommand(line, pageCommandFor(context, page, {}), words, [
      { parameters: pageParameters(page), columns: [] },
    ]);
  });
}

/** Names of pages, and of reports once one is typed. */
const pageNames = (line: Line): Promise<Candidate[]> =>
  withDefinitions(line.io, settingsOf(line), async ({ catalog }) => {
    const pages = (await catalog.pages()).map(({ name, title }) => ({ value: toKebabCase(name), description: title }));
    const reports = line.current.startsWith('report/') ? await reportNames(line) : [];
    return [
      ...pages,
      ...(reports.length > 0
        ? reports.map((each) => ({ ...each, value: `report/${each.value}` }))
        : [{ value: 'report/', description: 'The page of a report' }]),
    ];
  });

/** Completes the words after the name of a command: an option, the value of one, or an argument. */
async function completeCommand(
  line: Line,
  command: Command,
  words: readonly string[],
  reports: readonly OptionSource[] = [],
): Promise<Completion> {
  const { current } = line;
  const { positionals, pending } = scan(command, words);
  if (pending) return completeValue(line, pending, current, reports);
  const [, flag, value] = /^(--[\w-]+=)(.*)$/s.exec(current) ?? [];
  if (flag !== undefined && value !== undefined) {
    const option = optionWithValue(command, flag.slice(0, -1));
    const values = option ? await completeValue(line, option, value, reports) : [];
    return values === 'files' ? [] : values.map((each) => ({ ...each, value: flag + each.value }));
  }
  if (current.startsWith('-')) return startingWith(current, flags(command, words));
  const argument = command.registeredArguments[positionals.length] ?? command.registeredArguments.findLast(isVariadic);
  return argument ? completeArgument(line, command, argument, reports) : [];
}

const isVariadic = ({ variadic }: Argument): boolean => variadic;

async function completeArgument(
  line: Line,
  command: Command,
  argument: Argument,
  reports: readonly OptionSource[],
): Promise<Completion> {
  const { current } = line;
  const name = argument.name();
  if (reports.length > 0) return completeParameter(line, findParameter(reports, name), current);
  if (argument.argChoices) return startingWith(current, toCandidates(argument.argChoices));
  if (command.name() === 'report' && name === 'name') return startingWith(current, await reportNames(line));
  if (command.name() === 'page' && name === 'name') return startingWith(current, await pageNames(line));
  if (command.name() === 'describe') return startingWith(current, await sourceNames(line));
  return ['file', 'files', 'export', 'target'].includes(name) ? 'files' : [];
}

const fileOptions = ['--db', '--output', '--sql-dir', '--mapping', '--file'];

async function completeValue(
  line: Line,
  option: Option,
  current: string,
  reports: readonly OptionSource[],
): Promise<Completion> {
  const parameter = findParameter(reports, option.long?.slice(2) ?? '');
  // These are settings too.
  const isSetting = parameter?.role === 'time_zone' || parameter?.role === 'base_currency';
  if (parameter && !isSetting) return completeParameter(line, parameter, current);
  if (option.argChoices) return startingWith(current, toCandidates(option.argChoices));
  if (fileOptions.includes(option.long ?? '')) return 'files';
  switch (option.long) {
    case '--format':
      return startingWith(current, toCandidates(line.words[0] === 'export' ? exportFormats : formats));
    case '--period':
      return startingWith(current, toCandidates(relativePeriods));
    case '--reports':
      return completeReports(line, current);
    case '--columns':
      return completeColumns(current, reports[0]);
    case '--source':
      return startingWith(current, await sourceNames(line));
    case '--keep':
      return startingWith(current, await keepValues(line, current));
    case '--tz':
      return startingWith(current, toCandidates(['UTC', ...Intl.supportedValuesOf('timeZone')]));
    case '--base-currency':
      return startingWith(current, toCandidates(Intl.supportedValuesOf('currency')));
    default:
      return [];
  }
}

/** The event types that are most of the data, and those in the database, with a common age. */
async function keepValues(line: Line, current: string): Promise<Candidate[]> {
  const type = current.split('=')[0]!;
  const found = await valuesInDatabase(line, 'charge_point_event_type', type).catch((): string[] => []);
  return [...new Set(['heartbeat', 'meter', ...found.map((each) => each.toLowerCase())])].map((each) => ({
    value: `${each}=90d`,
    description: `Keep events of type ${each} for 90 days`,
  }));
}

const toCandidates = (values: readonly string[]): Candidate[] => values.map((value) => ({ value }));

/** Names of reports separated by commas, without those named before. */
async function completeReports(line: Line, current: string): Promise<Candidate[]> {
  const before = current.slice(0, current.lastIndexOf(',') + 1);
  const named = before.split(',');
  return startingWith(
    current,
    (await reportNames(line))
      .filter(({ value }) => !named.includes(value))
      .map((each) => ({ ...each, value: before + each.value })),
  );
}

/** Columns separated by commas, without those named before. */
function completeColumns(current: string, report: OptionSource | undefined): Candidate[] {
  const before = current.slice(0, current.lastIndexOf(',') + 1);
  const named = before.split(',');
  const columns = report ? outputColumns(report).filter(({ name }) => !named.includes(name)) : [];
  return startingWith(
    current,
    columns.map(({ name, description }) => ({ value: before + name, description })),
  );
}

function findParameter(reports: readonly OptionSource[], option: string): Parameter | undefined {
  const name = toSnakeCase(option);
  return reports
    .flatMap(({ parameters }) => parameters)
    .find((parameter) => parameter.short === name || namesOf(parameter).includes(name));
}

async function completeParameter(
  line: Line,
  parameter: Parameter | undefined,
  current: string,
): Promise<readonly Candidate[]> {
  if (!parameter) return [];
  if (parameter.choices) return startingWith(current, toCandidates(parameter.choices));
  if (parameter.type === 'BOOLEAN') return startingWith(current, toCandidates(['true', 'false']));
  if (parameter.name === 'period') return startingWith(current, toCandidates(relativePeriods));
  return Object.hasOwn(valueSources, parameter.name)
    ? toCandidates(await valuesInDatabase(line, parameter.name, current))
    : [];
}

const maxValues = 500;
const maxMilliseconds = 1000;

/** Values from the database that start with a text; the file is only read, and not if that takes long. */
async function valuesInDatabase(line: Line, parameter: string, prefix: string): Promise<string[]> {
  const [{ DuckDb }, { openForLookup }] = await Promise.all([
    import('../warehouse/duckdb.ts'),
    import('../warehouse/database.ts'),
  ]);
  const catalog = Catalog.openBuilt();
  if (!catalog) return [];
  const { db, memoryLimit } = resolveSettings(settingsOf(line), line.io.env, line.io.cwd);
  const duckdb = await DuckDb.open(memoryLimit.value);
  const timer = setTimeout(() => duckdb.interrupt(), maxMilliseconds);
  try {
    await openForLookup(duckdb, resolve(line.io.cwd, db.value), catalog);
    return await knownValues(duckdb, parameter, maxValues, prefix);
  } finally {
    clearTimeout(timer);
    await duckdb.close();
  }
}

/** Common options of the line; the last word may be an option without its value yet. */
function settingsOf({ words }: Line): ReturnType<typeof parseCommonFlags> {
  const before = words.slice(1, -1);
  return parseCommonFlags(before.at(-1)?.startsWith('-') ? before.slice(0, -1) : before);
}

/** Names of reports: the most useful first, helpers only if one is being typed. */
const reportNames = (line: Line): Promise<Candidate[]> =>
  withDefinitions(line.io, settingsOf(line), async ({ catalog }) => {
    const reports = (await catalog.reports()).filter(({ listing }) => listing !== 'helper' || line.current !== '');
    const rank = ({ listing }: Report): number => Number(listing !== 'top') + Number(listing === 'helper');
    return reports
      .toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
      .map(({ name, summary, title }) => ({ value: toKebabCase(name), description: summary ?? title }));
  });

const sourceNames = (line: Line): Promise<Candidate[]> =>
  withDefinitions(line.io, settingsOf(line), async ({ catalog }) =>
    (await catalog.sources()).map(({ name, title }) => ({ value: name, description: title })),
  );
