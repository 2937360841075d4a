import { Command, Option } from 'commander';
import { outputColumns, type Chart, type Parameter, type RawParameters, type Report } from '../catalog/definitions.ts';
import { namesOf, periodInsteadOf, shownName } from '../catalog/period-parameters.ts';
import { pathParameters } from '../catalog/routes.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import type { OutputOptions } from '../render/print-rows.ts';
import type { GlobalOptions } from '../settings.ts';
import { toKebabCase, toSnakeCase } from '../text/names.ts';
import type { ChartOptions } from './chart.ts';
import {
  addCommonOptions,
  addOutputOptions,
  commonGroup,
  withContext,
  withDefinitions,
  type DefinitionContext,
} from './context.ts';
import { isPicture } from './picture.ts';
import { listMatches, listReports } from './report-list.ts';

interface ReportOptions extends GlobalOptions, OutputOptions {
  /** Files to read instead of the database. */
  file?: string[];
  debug?: boolean;
}

const fileOption = (): Option =>
  new Option('--file <path>', 'Data file or folder to read instead of the database, repeatable')
    .argParser((value, all: string[] = []) => [...all, value])
    .helpGroup(commonGroup);

export const reportCommand = (io: Io): Command =>
  addCommonOptions(addOutputOptions(new Command('report').addOption(fileOption())))
    .argument('[name]', 'Report to run, or a word to list the reports about it; omit it to list all')
    .argument('[options...]', 'Options of the report: see wattduck report NAME --help')
    .option('--all', 'List helper reports too')
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText(
      'after',
      '\nExamples:\n  wattduck report\n  wattduck report revenue\n  wattduck report station-analytics --period last-month --sort -utilisation\n  wattduck report user-usage --help\n  wattduck report revenue-summary --file sessions.csv',
    )
    .action((name: string | undefined, reportArgs: string[], { all, ...options }: ReportOptions & { all?: boolean }) =>
      withData(io, { ...options, ...parseCommonFlags(reportArgs) }, async (context) => {
        if (name === undefined) return listReports(context, options, all);
        // A misspelt report with options of its own is an error.
        const others = otherArguments(reportArgs);
        if (others.every((arg) => arg === '--all') && !context.catalog.reportNames().includes(toSnakeCase(name)))
          return listMatches(context, name, options, all || others.length > 0);
        return runReportByName(context, name, all ? ['--all', ...reportArgs] : reportArgs, options);
      }),
    );

/** Opens the catalog for the database, or for the files of --file. */
async function withData(
  io: Io,
  options: ReportOptions,
  work: (context: DefinitionContext) => Promise<void>,
): Promise<void> {
  const { file: files = [], debug = false } = options;
  if (files.length === 0) return withDefinitions(io, options, work);
  if (options.db !== undefined) throw new WattduckError('options_conflict', { first: 'file', second: 'db' });
  return withContext(io, options, (context) =>
    work({
      ...context,
      query: async (_, run) => (await import('./file-data.ts')).withFileData(context, files, debug, run),
    }),
  );
}

/** Parses the common options after the report's name; they are needed before the report's own options can be parsed. */
export const parseCommonFlags = (reportArgs: readonly string[]): ReportOptions => commonFlags(reportArgs).opts();

/** Arguments that are not common options. */
const otherArguments = (reportArgs: readonly string[]): string[] => commonFlags(reportArgs).args;

const commonFlags = (reportArgs: readonly string[]): Command =>
  addCommonOptions(new Command().addOption(fileOption()))
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .exitOverride()
    .parse([...reportArgs], { from: 'user' });

/** Parses the arguments of a report and runs it. */
export async function runReportByName(
  context: DefinitionContext,
  name: string,
  reportArgs: string[],
  outerOptions: ReportOptions,
): Promise<void> {
  const report = await context.catalog.report(name);
  const daily = report.forecast?.daily === undefined ? undefined : await context.catalog.report(report.forecast.daily);
  const command = commandForReport(report, daily).action(async (...args: unknown[]) => {
    // Commander passes the arguments first, then the options.
    const options = args.at(-2) as ReportOptions & {
      explain?: boolean;
      daily?: boolean;
      all?: boolean;
    } & ChartOptions;
    if (options.explain && options.daily)
      throw new WattduckError('options_conflict', { first: 'explain', second: 'daily' });
    const selected = options.explain ? await context.catalog.report(report.explain!) : options.daily ? daily! : report;
    const params = {
      ...reportParamsOf(report, args),
      ...selectParams({ parameters: dailyOnlyParameters(report, daily) }, options as RawParameters),
    };
    const both = { ...outerOptions, ...options };
    const drawsChart = Boolean(options.chart) || isPicture(both);
    const dailyOnly = dailyOnlyParameters(report, daily).find(
      (parameter) => selected !== daily && !drawsChart && params[parameter.name] !== undefined,
    );
    if (dailyOnly)
      throw new WattduckError('option_requires_option', {
        option: toKebabCase(dailyOnly.name),
        required: requiredFlags(dailyOnly),
      });
    const loadChart = (): Promise<typeof import('./chart.ts')> => import('./chart.ts');
    const loadPrinting = (): Promise<typeof import('./print-report.ts')> => import('./print-report.ts');
    await context.query(
      [selected, daily ?? []].flat(),
      async (open) => {
        if (drawsChart) return (await loadChart()).printChart(open, report, params, both);
        return (await loadPrinting()).runAndPrint(open, selected, params, both);
      },
      drawsChart ? loadChart : loadPrinting,
    );
  });
  command
    .configureOutput({ writeOut: (text) => context.io.stdout.write(text), writeErr: () => undefined })
    .exitOverride();
  await command.parseAsync(reportArgs, { from: 'user' });
}

/** Parameters that only the daily report of a forecast has. */
const dailyOnlyParameters = ({ parameters }: Report, daily: Report | undefined): Parameter[] =>
  (daily?.parameters ?? []).filter(({ name }) => !parameters.some((each) => each.name === name));

/** Whether a parameter is an option of the report, rather than a setting that every command has. */
const isOwnOption = ({ role }: Parameter): boolean => role !== 'time_zone' && role !== 'base_currency';

/** Whether a parameter names a thing, such as a site, rather than a bound of the period. */
const namesThing = ({ role }: Parameter): boolean =>
  role === undefined || ['site', 'charge_point', 'customer'].includes(role);

/** Parameters that are arguments on the command line: those in the path of a route, or else the first required one. */
function positionalParameters({ http, parameters }: Report): string[] {
  const inPath = [...new Set(http.flatMap(pathParameters))];
  const first = parameters.find((each) => each.required && each.default === undefined && namesThing(each));
  return inPath.length > 0 || !first ? inPath : [first.name];
}

/**
 * The command of a report: its options, columns and examples come from the SQL file.
 * @param daily the daily report of a forecast
 */
export function commandForReport(report: Report, daily?: Report): Command {
  const command = new Command(`wattduck report ${toKebabCase(report.name)}`).description(report.description);
  for (const name of positionalParameters(report))
    command.argument(`[${toKebabCase(name)}]`, `Same as --${toKebabCase(name)}`);
  for (const parameter of [...report.parameters, ...dailyOnlyParameters(report, daily).map(withDailyHint)].filter(
    isOwnOption,
  )) {
    if (parameter.role === 'total') {
      command.option(`--${toKebabCase(parameter.name)}`, parameter.description);
      continue;
    }
    const ownName = shownName(parameter);
    // Commander uses the last name as the option's name, and suggests it for a misspelt one.
    const names = [ownName, parameter.short ?? []]
      .flat()
      .map((name) => `--${toKebabCase(name)}`)
      .join(', ');
    const otherNames = namesOf(parameter).filter((name) => name !== ownName);
    const option = new Option(
      `${names} <${typeLabel(parameter)}>`,
      describeParameter(parameter, otherNames, report.parameters),
    );
    for (const each of [option, ...otherNames.map((name) => new Option(`--${toKebabCase(name)} <value>`).hideHelp())]) {
      // A parameter name that begins with no- is not a negation.
      each.negate = false;
      command.addOption(each);
    }
  }
  if ([report, ...(daily ? [daily] : [])].some(({ page }) => page.kind !== 'none'))
    command.option('--all', 'Write all rows; not for tables and Markdown');
  if (report.explain !== undefined) command.option('--explain', 'Show what the answer consists of');
  if (report.forecast?.daily !== undefined) command.option('--daily', 'Show each day');
  addChartOptions(command, report.charts.length > 0 ? report.charts : (daily?.charts ?? []));
  // A parameter of the report keeps its option.
  if (!command.options.some(({ long }) => long === '--file')) command.addOption(fileOption());
  addCommonOptions(addOutputOptions(command));
  const columns = outputColumns(report).map(
    ({ name, unit, description }) => `  ${name}${unit ? ` (${unit})` : ''}: ${description}`,
  );
  return command.addHelpText(
    'after',
    () =>
      `${detailsHelp(report, command)}\nColumns:\n${columns.join('\n')}\n\nExamples:\n${reportExamples(report)
        .map((line) => `  ${line}`)
        .join('\n')}`,
  );
}

/** Options of charts. Without one, they are only accepted for an error that names the report. */
function addChartOptions(command: Command, charts: readonly Chart[]): void {
  const names = charts.flatMap(({ name }) => name ?? []);
  const description =
    names.length === 0
      ? 'Draw a chart; with --format svg, or a file that ends in .svg, as SVG'
      : `Draw a chart: the first, or by name: ${names.join(', ')}; with --format svg, or a file that ends in .svg, as SVG`;
  const chart = new Option(names.length === 0 ? '--chart' : '--chart [name]', description);
  const size = new Option('--size <size>', 'Width and height of an SVG in pixels (default 720x300)');
  // A parameter of the report keeps its option.
  const isTaken = command.options.some(({ long }) => long === size.long);
  for (const each of isTaken ? [chart] : [chart, size]) command.addOption(charts.length === 0 ? each.hideHelp() : each);
}

/** The report's details as a list, wrapped like the rest of the help. */
function detailsHelp({ details }: Report, command: Command): string {
  if (details.length === 0) return '';
  const help = command.createHelp();
  const width = (command.configureOutput().getOutHelpWidth?.() ?? 80) - 4;
  return `\nDetails:\n${details.map((each) => `  - ${help.boxWrap(each, width).replaceAll('\n', '\n    ')}`).join('\n')}\n`;
}

/** Options that a parameter of daily values requires: history is drawn in charts too. */
const requiredFlags = ({ name }: Parameter): string => (name === 'history' ? '--daily and --chart' : '--daily');

const withDailyHint = (parameter: Parameter): Parameter => ({
  ...parameter,
  description: `With ${requiredFlags(parameter)}: ${parameter.description}`,
});

const typeLabels: Record<string, string> = {
  TIMESTAMP: 'time',
  DATE: 'date',
  BIGINT: 'n',
  INTEGER: 'n',
  DOUBLE: 'x',
  BOOLEAN: 'true|false',
};

const typeLabel = ({ type }: Parameter): string => typeLabels[type] ?? (type.startsWith('DECIMAL') ? 'x' : 'text');

function describeParameter(
  parameter: Parameter,
  otherNames: readonly string[],
  parameters: readonly Parameter[],
): string {
  const { description, required, default: preset, example, choices, min, max, maxLength, name } = parameter;
  const period = periodInsteadOf(parameter, parameters);
  const notes = [
    ...otherNames.map((other) => `also --${toKebabCase(other)}`),
    ...(required ? [period ? `required without --${toKebabCase(period.name)}` : 'required'] : []),
    ...(preset !== undefined ? [`default ${preset}`] : []),
    ...(choices && name !== 'sort' ? [`one of ${choices.join(', ')}`] : []),
    ...(choices && name === 'sort' ? [`one of ${choices.filter((each) => !each.startsWith('-')).join(', ')}`] : []),
    ...(min !== undefined && max !== undefined ? [`${min} to ${max}`] : []),
    ...(maxLength !== undefined ? [`max ${maxLength} characters`] : []),
    ...(example !== undefined ? [`for example ${example}`] : []),
  ];
  return notes.length > 0 ? `${description} (${notes.join('; ')})` : description;
}

const quoteBlank = (text: string): string => (/\s/.test(text) ? `"${text}"` : text);

/** Example command lines of a report, from the examples of its parameters. */
export function reportExamples(report: Report): string[] {
  const positional = positionalParameters(report);
  const exampleOf = (name: string): string =>
    quoteBlank(report.parameters.find((each) => each.name === name)?.example ?? toKebabCase(name).toUpperCase());
  const base = ['wattduck report', toKebabCase(report.name), ...positional.map(exampleOf)].join(' ');
  const exampleParameters = report.parameters
    .filter((each) => each.example !== undefined && isOwnOption(each) && !positional.includes(each.name))
    .slice(0, 3);
  const options = exampleParameters.map(
    (parameter) => `--${toKebabCase(shownName(parameter))} ${quoteBlank(parameter.example!)}`,
  );
  return [
    base,
    ...(options.length > 0 ? [`${base} ${options.join(' ')}`] : []),
    ...(report.explain ? [`${base} --explain`] : []),
    ...(report.forecast?.daily ? [`${base} --daily`] : []),
    ...(report.charts.length > 0 || report.forecast?.daily ? [`${base} --chart`] : []),
    `${base} --json`,
  ];
}

/** The parameters of a report among the arguments of its command's action. */
export function reportParamsOf(report: Report, args: readonly unknown[]): RawParameters {
  const positional = Object.fromEntries(
    positionalParameters(report).map((parameter, at) => [toCamelCase(parameter), args[at] as string | undefined]),
  );
  return { ...selectParams(report, positional), ...selectParams(report, args.at(-2) as RawParameters) };
}

function selectParams({ parameters }: Pick<Report, 'parameters'>, options: RawParameters): RawParameters {
  return Object.fromEntries(
    parameters
      .filter(isOwnOption)
      .flatMap((parameter) =>
        namesOf(parameter).map((name): [string, string | undefined] => [
          name,
          toText(options[toCamelCase(name === parameter.name ? (parameter.short ?? name) : name)]),
        ]),
      )
      .filter(([, value]) => value !== undefined),
  );
}

/** A flag as text. */
const toText = (value: string | boolean | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

const toCamelCase = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
