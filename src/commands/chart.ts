import type { RawParameters, Report } from '../catalog/definitions.ts';
import { chartParams, findChart, readChart, type ChartData } from '../charts/report-chart.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { hasColour } from '../io.ts';
import { assertKnownExtension, formatForPath } from '../render/output-formats.ts';
import type { PageChart } from '../render/html-page.ts';
import { truncationNote, type OutputOptions } from '../render/print-rows.ts';
import { writeStream } from '../render/write-stream.ts';
import { zoneTables } from '../reports/report-zone.ts';
import { startReport } from '../reports/run-report.ts';
import { formatCount } from '../text/format-number.ts';
import { toKebabCase } from '../text/names.ts';
import type { CommandContext } from './context.ts';
import { isPicture } from './picture.ts';
import { pagingHint, printReportNotes, withProgress } from './print-report.ts';

/** Options of a report that draw a chart. */
export interface ChartOptions {
  /** Whether to draw a chart, or its name. */
  chart?: boolean | string;
  /** Width and height of a picture. */
  size?: string;
}

/** Width of a chart in a file or pipe, and days of a picture of a forecast. */
const [defaultWidth, pictureDays] = [80, 120];

/**
 * Draws a chart of a report to the terminal, a pipe or a file, as text or as SVG. A report of forecast totals draws its daily
 * report with history.
 * @throws WattduckError (usage) for a report without a chart, conflicting output options, or several rows per mark
 */
export async function printChart(
  context: CommandContext,
  report: Report,
  params: RawParameters,
  options: OutputOptions & ChartOptions & { all?: boolean; explain?: boolean },
): Promise<void> {
  const { io, duckdb, catalog, openData } = context;
  const isSvg = isPicture(options);
  const optionName = options.chart || !isSvg ? 'chart' : 'format svg';
  const source =
    report.charts.length > 0 || report.forecast?.daily === undefined
      ? report
      : await catalog.report(report.forecast.daily);
  const chart = findChart(source, typeof options.chart === 'string' ? options.chart : undefined, `--${optionName}`);
  assertNoOtherOutput(params, options, optionName, chart.kind === 'fan');
  const size = parseSize(options.size, isSvg);
  if (chart.kind === 'fan') assertOneSeries(source, params);
  const isTerminal = options.output === undefined && io.stdout.isTTY;
  const columns = (isTerminal ? io.stdout.columns : undefined) ?? defaultWidth;
  await openData({ tables: [...source.tables, ...zoneTables] });
  const reportParams = chartParams(source, chart, params, isSvg ? pictureDays : columns);
  const stream = await withProgress(context, source, (runContext) =>
    startReport(duckdb, source, reportParams, runContext),
  );
  const data = await readChart(stream, chart, params);
  const { rows, total } = data;
  const notes = [...stream.notes];
  if (isSvg && data.coarser)
    notes.push(
      `${formatCount(rows.length)} points (use --${toKebabCase(data.coarser.parameter)} ${data.coarser.value} for fewer)`,
    );
  if (data.isCut) notes.unshift(truncationNote(rows.length, total, pagingHint(source)));
  if (rows.length === 0)
    notes.unshift(
      stream.emptyReason === undefined || chart.kind === 'fan' ? 'no rows' : `no rows: ${stream.emptyReason}`,
    );
  const text = await drawText(
    data,
    { isSvg, size, columns, colour: isTerminal && hasColour(io.stdout, io.env) },
    source,
  );
  if (text !== '')
    await writeStream(
      io,
      (async function* () {
        yield `${text}\n`;
      })(),
      options.output,
      true,
    );
  printReportNotes(io, notes);
}

/** Width of a chart on a page. */
const pageWidth = 960;

/** Parameters of a table that its chart does not need, and the order of its rows. */
const tableOnlyParams = ['total', 'limit', 'take', 'skip'];
const sortParams = ['sort', 'sort_field', 'sort_order'];

/** The first chart of a report for a page; undefined if it has none, or if its rows do not fit one. */
export async function drawForPage(
  context: CommandContext,
  report: Report,
  tableParams: RawParameters,
): Promise<PageChart | undefined> {
  const chart = report.charts[0];
  if (!chart) return undefined;
  const others = [...tableOnlyParams, ...(chart.kind === 'fan' ? sortParams : [])];
  const params = Object.fromEntries(Object.entries(tableParams).filter(([name]) => !others.includes(name)));
  try {
    if (chart.kind === 'fan') assertOneSeries(report, params);
    const stream = await withProgress(context, report, (runContext) =>
      startReport(context.duckdb, report, chartParams(report, chart, params, pictureDays), runContext),
    );
    const { definition, rows, look } = await readChart(stream, chart, params);
    if (rows.length === 0) return undefined;
    const { chartTexts, draw } = await import('../charts/draw.ts');
    return { svg: draw(definition, rows, { ...look, width: pageWidth }), ...chartTexts(definition, rows, look) };
  } catch (error) {
    if (error instanceof WattduckError && error.code.startsWith('chart_')) return undefined;
    throw error;
  }
}

async function drawText(
  { definition, rows, look }: ChartData,
  { isSvg, size, columns, colour }: { isSvg: boolean; size: PictureSize; columns: number; colour: boolean },
  report: Report,
): Promise<string> {
  try {
    if (isSvg)
      return (await import('../charts/draw.ts')).draw(definition, rows, { ...look, ...size, standalone: true });
    return (await import('../charts/terminal/render.ts')).renderChart(definition, rows, { ...look, columns, colour });
  } catch (error) {
    if (definition.chart.kind === 'fan' && error instanceof WattduckError && error.code === 'chart_rows_not_unique')
      throw multipleSeriesError(`Choose one: see \`wattduck report ${toKebabCase(report.name)} --help\`.`);
    throw error;
  }
}

function assertNoOtherOutput(
  params: RawParameters,
  options: OutputOptions & { all?: boolean; explain?: boolean },
  optionName: string,
  isFan: boolean,
): void {
  const isSvg = isPicture(options);
  const otherOption = (['json', 'format', 'columns', 'wide', 'csvSafe', 'csvDialect', 'all', 'explain'] as const).find(
    (name) => options[name] !== undefined && !(name === 'format' && isSvg),
  );
  // A fan needs all of its days, in their order; a total is a row of the table.
  const tableParam = [...(isFan ? ['sort', 'sort_field', 'sort_order', 'limit', 'take', 'skip'] : []), 'total'].find(
    (name) => params[name] !== undefined,
  );
  if (otherOption ?? tableParam)
    throw new WattduckError('options_conflict', {
      first: optionName,
      second: toKebabCase((otherOption ?? tableParam)!),
    });
  if (!isSvg && options.output !== undefined) assertKnownExtension(options.output);
  const format = options.output === undefined ? undefined : formatForPath(options.output);
  if (!isSvg && format !== undefined && format !== 'table')
    throw new WattduckError('chart_output_format', { path: options.output, format });
}

/** @throws WattduckError for a forecast of each charge point or site */
function assertOneSeries({ parameters }: Report, params: RawParameters): void {
  const idParam = parameters.some(({ name }) => name === `${params['by']}_id`) ? `${params['by']}_id` : undefined;
  if (idParam !== undefined && params[idParam] === undefined)
    throw multipleSeriesError(`Choose one with --${toKebabCase(idParam)}, without --by.`);
}

const multipleSeriesError = (hint: string): WattduckError => new WattduckError('chart_needs_one_series', { hint });

interface PictureSize {
  width?: number;
  height?: number;
}

/** Limits of width and height in pixels. */
const [minSize, maxSize] = [120, 4000];

/** Width and height such as 1140x300. @throws WattduckError (usage) */
function parseSize(text: string | undefined, isSvg: boolean): PictureSize {
  if (text === undefined) return {};
  if (!isSvg) throw new WattduckError('option_requires_option', { option: 'size', required: '--format svg' });
  const [, width, height] = /^(\d{2,5})x(\d{2,5})$/.exec(text) ?? [];
  if ([width, height].some((each) => !(Number(each) >= minSize && Number(each) <= maxSize)))
    throw new WattduckError('invalid_chart_size', { value: text, min: minSize, max: maxSize });
  return { width: Number(width), height: Number(height) };
}
