import { basename } from 'node:path';
import { Command } from 'commander';
import type { PageDefinition, Parameter, RawParameters, Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import { inlineAssets } from '../pages/assets.ts';
import { readPageData } from '../pages/data.ts';
import { layoutPage, type PageFrame } from '../pages/layout.ts';
import { pageHtml, reportsOf, type PageContent } from '../pages/page.ts';
import { readReportPage } from '../pages/read-report-page.ts';
import { reportPageHtml, reportPagePath, reportPageStyle } from '../pages/report-page.ts';
import { resolveState, stateNames, type StateName } from '../pages/state.ts';
import { findSubject } from '../pages/subject.ts';
import { errorContent, readTile, readTileTable, tileHtml, type TileContent } from '../pages/tile.ts';
import { packageVersion } from '../paths.ts';
import type { OutputOptions } from '../render/print-rows.ts';
import { writeFileInPieces } from '../render/write-stream.ts';
import { findGroup } from '../server/reports/groups.ts';
import { configuredTimeZone, databaseName, type GlobalOptions } from '../settings.ts';
import { suggest, toKebabCase, toSnakeCase } from '../text/names.ts';
import { plainLine } from '../text/plain-text.ts';
import type { ChartOptions } from './chart.ts';
import { addCommonOptions, withDefinitions, type CommandContext, type DefinitionContext } from './context.ts';
import { createRunContext } from './print-report.ts';
import { commandForReport, parseCommonFlags, reportParamsOf } from './report.ts';

/** Start of the name of a report's page. */
export const reportPrefix = 'report/';

type PageOptions = GlobalOptions & { output?: string };

/** Options of every page besides the common ones, with their descriptions. */
const stateOptions: readonly [name: Exclude<StateName, 'tz'>, value: string, description: string][] = [
  ['from', 'time', 'First day or time (default: 90 days before the last day with data)'],
  ['to', 'time', 'Last day or time (default: the last day with data)'],
  ['period', 'text', 'Named period instead of both, such as last-month or 2025-Q1'],
  ['site', 'text', 'ID of the only site to show'],
  ['currency', 'text', 'Currency of the only sessions to show'],
  ['compare', 'text', 'Earlier period to compare with: previous, year-ago or off (default previous)'],
  ['as_of', 'time', 'Point in time, or now (default: the newest record if it is older than a day, else now)'],
];

export const pageCommand = (io: Io): Command =>
  addCommonOptions(new Command('page'))
    .argument('[name]', 'Page, or report/NAME for the page of a report; omit it to list all pages')
    .argument('[options...]', 'ID of what the page is about, and options: see wattduck page NAME --help')
    .option('-o, --output <file>', 'HTML file to write, with everything in it')
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText(
      'after',
      '\nExamples:\n  wattduck page\n  wattduck page network --period last-month -o july.html\n  wattduck page site site_03 -o site_03.html\n  wattduck page report/station-analytics --period last-month -o stations.html',
    )
    .action((name: string | undefined, pageArgs: string[], options: PageOptions) =>
      withDefinitions(io, { ...options, ...parseCommonFlags(pageArgs) }, async (context) => {
        if (name === undefined) return listPages(context);
        const command = name.startsWith(reportPrefix)
          ? await reportPageCommand(context, name.slice(reportPrefix.length), options)
          : pageCommandFor(context, await findPage(context, name), options);
        command
          .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: () => undefined })
          .exitOverride();
        await command.parseAsync(pageArgs, { from: 'user' });
      }),
    );

async function listPages({ io, catalog }: DefinitionContext): Promise<void> {
  const pages = await catalog.pages();
  const nameOf = ({ name, subject }: PageDefinition): string =>
    `${toKebabCase(name)}${subject === undefined ? '' : ' ID'}`;
  const lines = [
    ...pages.map((page) => [nameOf(page), page.title, page.description]),
    [`${reportPrefix}NAME`, 'Report', 'A report with its charts, rows and definitions'],
  ].map(([name, title, description]) => [name!, `${title}: ${description}`]);
  const width = Math.max(...lines.map(([name]) => name!.length));
  io.stdout.write(lines.map(([name, text]) => `${plainLine(`${name!.padEnd(width)}  ${text}`)}\n`).join(''));
}

/** @throws WattduckError (page_not_found) */
export async function findPage({ catalog }: Pick<DefinitionContext, 'catalog'>, name: string): Promise<PageDefinition> {
  const pages = await catalog.pages();
  const page = pages.find((each) => each.name === toSnakeCase(name));
  if (page) return page;
  const names = pages.map((each) => toKebabCase(each.name));
  throw new WattduckError('page_not_found', { name, suggestion: suggest(name, names) });
}

/** The command of a page, with its own options. */
export function pageCommandFor(context: DefinitionContext, page: PageDefinition, outerOptions: PageOptions): Command {
  const name = toKebabCase(page.name);
  const command = new Command(`wattduck page ${name}`).description(page.description);
  if (page.subject !== undefined) command.argument('<id>', `ID of the ${page.subject.replaceAll('_', ' ')}`);
  for (const [option, value, description] of stateOptions)
    if (option !== 'site' || page.subject === undefined)
      command.option(`--${toKebabCase(option)} <${value}>`, description);
  return addCommonOptions(command)
    .option('-o, --output <file>', 'HTML file to write, with everything in it')
    .action(async (...args: unknown[]) => {
      const options = args.at(-2) as PageOptions & Record<string, string | undefined>;
      const id = page.subject === undefined ? undefined : (args[0] as string);
      const output = checkOutput(options.output ?? outerOptions.output, name);
      const given = Object.fromEntries(
        stateOptions.map(([option]) => [option, options[option === 'as_of' ? 'asOf' : option]]),
      ) as Partial<Record<StateName, string>>;
      const reports = await context.catalog.reports();
      const used = [
        ...new Set([...reportsOf(page, reports), ...reports.filter((each) => each.name === 'data_extent')]),
      ];
      await context.query(used, async (open) => {
        await open.openData();
        await writeFileInPieces(output, single(await drawPage(open, page, reports, given, id)));
      });
    });
}

/** The options and the argument of a page as parameters, for the completion of their values. */
export function pageParameters({ subject }: PageDefinition): Parameter[] {
  const text = { type: 'VARCHAR', description: '', required: false, inSql: false } as const;
  return [
    { ...text, name: 'period' },
    { ...text, name: 'compare', choices: ['previous', 'year-ago', 'off'] },
    { ...text, name: 'site_id', aliases: ['site', ...(subject === 'site' ? ['id'] : [])] },
    ...(subject === undefined || subject === 'site' ? [] : [{ ...text, name: `${subject}_id`, aliases: ['id'] }]),
  ];
}

/** The command of a report's page: the options are those of the report. */
async function reportPageCommand(
  { catalog, query }: DefinitionContext,
  name: string,
  outerOptions: PageOptions,
): Promise<Command> {
  const report = await catalog.report(toSnakeCase(name));
  const daily = report.forecast?.daily === undefined ? undefined : await catalog.report(report.forecast.daily);
  return commandForReport(report).action(async (...args: unknown[]) => {
    const options = args.at(-2) as GlobalOptions & OutputOptions & ChartOptions & { all?: boolean; explain?: boolean };
    const other = (
      ['json', 'format', 'columns', 'wide', 'csvSafe', 'csvDialect', 'chart', 'size', 'all', 'explain'] as const
    ).find((option) => options[option] !== undefined);
    if (other !== undefined) throw new WattduckError('page_option', { option: toKebabCase(toSnakeOption(other)) });
    const output = checkOutput(options.output ?? outerOptions.output, toKebabCase(report.name));
    const params = reportParamsOf(report, args);
    const extent = await catalog.report('data_extent');
    await query([report, daily ?? [], extent].flat(), async (open) => {
      await open.openData();
      await writeFileInPieces(output, single(await drawReportPage(open, report, daily, extent, params)));
    });
  });
}

/** The name of an option in snake case, from camel case. */
const toSnakeOption = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** @throws WattduckError (page_needs_file, page_extension) */
function checkOutput(path: string | undefined, name: string): string {
  if (path === undefined) throw new WattduckError('page_needs_file', { name });
  if (!/\.html?$/i.test(path) && /\.[^./\\]+$/.test(basename(path)))
    throw new WattduckError('page_extension', { path });
  return path;
}

async function drawPage(
  context: CommandContext,
  page: PageDefinition,
  reports: readonly Report[],
  given: Partial<Record<StateName, string>>,
  id: string | undefined,
): Promise<string> {
  const { duckdb, settings } = context;
  const run = createRunContext(context);
  const data = await readPageData(duckdb, reports, run);
  const subject = page.subject === undefined ? undefined : await findSubject(duckdb, page.subject, id ?? '');
  const set = Object.fromEntries(
    stateNames.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
  const content: PageContent = {
    page,
    // Without other pages, nothing has a link.
    pages: [],
    reports,
    data,
    state: await resolveState(duckdb, page, data, set, id, run),
    isOffline: true,
    frame: frameOf(context, ''),
    subject,
    isRedacted: settings.redact.value,
    dataVersion: '',
  };
  const tiles: string[] = [];
  for (const index of page.tiles.keys()) {
    const tile = await readTile(duckdb, index, content, run).catch(tileError);
    const isChart = page.tiles[index]!.view !== 'table' && tile.state === 'ok';
    const table = isChart ? (await readTileTable(duckdb, index, content, run).catch(tileError)).html : undefined;
    tiles.push(tileHtml(index, content, tile, { isOffline: true, ...(table === undefined ? {} : { table }) }));
  }
  return pageHtml(content, tiles);
}

/** The content of a tile that failed, like on the server. @throws errors that are not the user's */
function tileError(error: unknown): TileContent {
  if (error instanceof WattduckError && error.kind !== 'interrupted') return errorContent(error);
  throw error;
}

async function drawReportPage(
  context: CommandContext,
  report: Report,
  daily: Report | undefined,
  extent: Report,
  params: RawParameters,
): Promise<string> {
  const { duckdb, settings } = context;
  const run = createRunContext(context);
  const data = await readPageData(duckdb, [extent], run);
  const pageData = await readReportPage(duckdb, { report, daily, data }, params, run);
  if (pageData.error) throw pageData.error;
  const html = reportPageHtml(pageData, {
    settings: {
      database: settings.db.value,
      engine: settings.engine.value,
      tz: configuredTimeZone(settings),
      currency: settings.currency.value,
    },
    database: basename(databaseName(settings)),
    group: findGroup(report.group).title,
  });
  return layoutPage(
    {
      ...frameOf(context, reportPageStyle),
      path: reportPagePath(report),
      title: report.title,
      className: 'report',
      isOffline: true,
    },
    html,
  );
}

const frameOf = ({ settings }: CommandContext, style: string): Omit<PageFrame, 'title' | 'path'> => ({
  navigation: [],
  database: basename(databaseName(settings)),
  version: packageVersion,
  assets: inlineAssets(style),
});

async function* single(text: string): AsyncGenerator<string> {
  yield text;
}
