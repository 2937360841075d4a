import { Command, Option } from 'commander';
import { outputColumns, type RawParameters, type Parameter, type Report } from '../catalog/definitions.ts';
import { pathParameters } from '../catalog/routes.ts';
import { WattduckError } from '../errors.ts';
import type { Io } from '../io.ts';
import { present, type OutputOptions } from '../render/present.ts';
import type { GlobalOptions } from '../settings.ts';
import { toKebabCase } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import { runAndPresent } from './run-and-present.ts';
import { commonOptions, outputOptions, withSession, type Session } from './session.ts';

type ReportOptions = GlobalOptions & OutputOptions;

export const reportCommand = (io: Io): Command =>
  commonOptions(outputOptions(new Command('report')))
    .argument('[name]', 'the report; without it: the list')
    .argument('[options...]', "the report's own options: see wattduck report NAME --help")
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText(
      'after',
      '\nExamples:\n  wattduck report\n  wattduck report station-analytics --start-date 2025-01-01 --sort -utilisation\n  wattduck report user-usage --help',
    )
    .action((name: string | undefined, own: string[], options: ReportOptions) =>
      withSession(io, { ...options, ...commonFlags(own) }, (session) =>
        name === undefined ? listReports(session, options) : runNamed(session, name, own, options),
      ),
    );

/** Options of every command that stand after the report's name: they are needed before the report's own can be read. */
export const commonFlags = (own: readonly string[]): GlobalOptions =>
  commonOptions(new Command())
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .exitOverride()
    .parse([...own], { from: 'user' })
    .opts();

async function listReports({ io, catalog }: Session, options: OutputOptions): Promise<void> {
  const rows = (await catalog.reports())
    .toSorted((a, b) => (a.group + a.name < b.group + b.name ? -1 : 1))
    .map((report) => ({
      group: report.group,
      report: toKebabCase(report.name),
      what: firstSentence(report.description),
    }));
  const columns = ['group', 'report', 'what'].map((name) => ({ name, type: 'VARCHAR' }));
  await present(io, { columns, rows, total: rows.length, more: '', document: () => rows }, options);
}

const firstSentence = (text: string): string => text.split(/(?<=\.)\s/)[0]!.replace(/\.$/, '');

export async function runNamed(session: Session, name: string, own: string[], before: ReportOptions): Promise<void> {
  const report = await session.catalog.report(name);
  const daily = report.forecast?.daily === undefined ? undefined : await session.catalog.report(report.forecast.daily);
  const command = ownCommand(report, daily).action(async (...args: unknown[]) => {
    // Commander gives the arguments first, then the options.
    const options = args.at(-2) as ReportOptions & {
      explain?: boolean;
      daily?: boolean;
      chart?: boolean;
      all?: boolean;
    };
    if (options.explain && options.daily)
      throw new WattduckError('usage', '--explain does not go with --daily', 'Ask for one of them.');
    const shown = options.explain ? await session.catalog.report(report.explain!) : options.daily ? daily! : report;
    const placed = Object.fromEntries(
      argumentsOf(report).map((parameter, at) => [camel(parameter), args[at] as string | undefined]),
    );
    const given = {
      ...givenOf(report, placed),
      ...givenOf(report, options as RawParameters),
      ...givenOf({ parameters: ofDaily(report, daily) }, options as RawParameters),
    };
    const alone = ofDaily(report, daily).find(
      (parameter) => shown !== daily && !options.chart && given[parameter.name] !== undefined,
    );
    if (alone) throw new WattduckError('usage', clipped`--${toKebabCase(alone.name)} goes with ${goesWith(alone)}`);
    if (options.chart)
      return (await import('./chart.ts')).runAndDraw(session, report, given, { ...before, ...options });
    await runAndPresent(session, shown, given, { ...before, ...options });
  });
  command
    .configureOutput({ writeOut: (text) => session.io.stdout.write(text), writeErr: () => undefined })
    .exitOverride();
  await command.parseAsync(own, { from: 'user' });
}

/** Parameters of the days of a forecast that its totals have not. */
const ofDaily = ({ parameters }: Report, daily: Report | undefined): Parameter[] =>
  (daily?.parameters ?? []).filter(({ name }) => !parameters.some((each) => each.name === name));

/** Parameters that stand in the path of the route: on the command line they need no option. */
const argumentsOf = ({ http }: Report): string[] => [...new Set(http.flatMap(pathParameters))];

/**
 * A command made of a report's own words: its options, columns and examples all come from the SQL file.
 * @param daily the report of its days, where it is a forecast
 */
export function ownCommand(report: Report, daily?: Report): Command {
  const command = new Command(`wattduck report ${toKebabCase(report.name)}`).description(report.description);
  for (const name of argumentsOf(report))
    command.argument(`[${toKebabCase(name)}]`, `in place of --${toKebabCase(name)}`);
  for (const parameter of [...report.parameters, ...ofDaily(report, daily).map(withDaily)].filter(
    ({ role }) => role !== 'time_zone',
  )) {
    // Commander takes the last name for the option's own, and suggests it for a near one.
    const names = [parameter.name, parameter.short ?? []]
      .flat()
      .map((name) => `--${toKebabCase(name)}`)
      .join(', ');
    const option = new Option(`${names} <${kindOf(parameter)}>`, describeParameter(parameter));
    // A name that begins with no- negates nothing.
    option.negate = false;
    command.addOption(option);
  }
  if ([report, ...(daily ? [daily] : [])].some(({ page }) => page.kind !== 'none'))
    command.option('--all', 'every row, streamed, as --format json, ndjson or csv');
  if (report.explain !== undefined) command.option('--explain', 'show what the answer is made of');
  if (report.forecast?.daily !== undefined) command.option('--daily', 'show each day');
  if (report.chart?.kind === 'fan' || daily) command.option('--chart', 'draw history and forecast');
  commonOptions(outputOptions(command));
  const columns = outputColumns(report).map(
    ({ name, unit, description }) => `  ${name}${unit ? ` [${unit}]` : ''}: ${description}`,
  );
  return command.addHelpText(
    'after',
    `\nColumns:\n${columns.join('\n')}\n\nExamples:\n${examples(report)
      .map((line) => `  ${line}`)
      .join('\n')}`,
  );
}

/** A chart has history before it too, and all rows on one page. */
const goesWith = ({ name }: Parameter): string => (name === 'history' ? '--daily and --chart' : '--daily');

const withDaily = (parameter: Parameter): Parameter => ({
  ...parameter,
  description: `With ${goesWith(parameter)}: ${parameter.description}`,
});

const kinds: Record<string, string> = {
  TIMESTAMP: 'time',
  DATE: 'date',
  BIGINT: 'n',
  INTEGER: 'n',
  DOUBLE: 'x',
  BOOLEAN: 'true|false',
};

const kindOf = ({ type }: Parameter): string => kinds[type] ?? (type.startsWith('DECIMAL') ? 'x' : 'text');

function describeParameter({
  description,
  required,
  default: preset,
  example,
  choices,
  min,
  max,
  longest,
  name,
}: Parameter): string {
  const notes = [
    ...(required ? ['required'] : []),
    ...(preset !== undefined ? [`default ${preset}`] : []),
    ...(choices && name !== 'sort' ? [`one of ${choices.join(', ')}`] : []),
    ...(choices && name === 'sort' ? [`one of ${choices.filter((each) => !each.startsWith('-')).join(', ')}`] : []),
    ...(min !== undefined && max !== undefined ? [`${min} to ${max}`] : []),
    ...(longest !== undefined ? [`at most ${longest} characters`] : []),
    ...(example !== undefined ? [`like ${example}`] : []),
  ];
  return notes.length > 0 ? `${description} (${notes.join('; ')})` : description;
}

export function examples(report: Report): string[] {
  const placed = argumentsOf(report);
  const exampleOf = (name: string): string =>
    report.parameters.find((each) => each.name === name)?.example ?? toKebabCase(name).toUpperCase();
  const base = ['wattduck report', toKebabCase(report.name), ...placed.map(exampleOf)].join(' ');
  const filled = report.parameters
    .filter(({ name, example, role }) => example !== undefined && role !== 'time_zone' && !placed.includes(name))
    .slice(0, 3);
  const options = filled.map(
    ({ name, example }) => `--${toKebabCase(name)} ${/\s/.test(example!) ? `"${example}"` : example}`,
  );
  return [
    base,
    ...(options.length > 0 ? [`${base} ${options.join(' ')}`] : []),
    ...(report.explain ? [`${base} --explain`] : []),
    ...(report.forecast?.daily ? [`${base} --daily`, `${base} --chart`] : []),
    `${base} --json`,
  ];
}

function givenOf({ parameters }: Pick<Report, 'parameters'>, options: RawParameters): RawParameters {
  return Object.fromEntries(
    parameters
      .filter(({ role }) => role !== 'time_zone')
      .map(({ name, short }): [string, string | undefined] => [name, options[camel(short ?? name)]])
      .filter(([, value]) => value !== undefined),
  );
}

const camel = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
