import type { Chart, RawParameters, Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { hasColour } from '../io.ts';
import { unitLabel } from '../render/cells.ts';
import { renderFanChart, type FanPoint } from '../render/fan-chart.ts';
import { formatForPath } from '../render/output-formats.ts';
import { commonCurrency, type OutputOptions } from '../render/print-rows.ts';
import { writeStream } from '../render/write-stream.ts';
import { zoneTables } from '../reports/report-zone.ts';
import { startReport } from '../reports/run-report.ts';
import { toKebabCase } from '../text/names.ts';
import { openForReading } from '../warehouse/database.ts';
import type { Cell, Row } from '../warehouse/values.ts';
import type { CommandContext } from './context.ts';
import { printReportNotes, withProgress } from './print-report.ts';

type FanChart = Extract<Chart, { kind: 'fan' }>;

/** Width of a chart in a file or pipe, and the columns that labels, axis and the end of history need in any chart. */
const [defaultWidth, axisColumns] = [80, 8];

/**
 * Runs the daily report of a forecast with history, and draws it to the terminal, a pipe or a file.
 * @throws WattduckError (usage) for a report without a chart, conflicting output options, or several series
 */
export async function printChart(
  context: CommandContext,
  report: Report,
  params: RawParameters,
  options: OutputOptions & { all?: boolean; explain?: boolean },
): Promise<void> {
  const { io, duckdb, settings, catalog, lockWait } = context;
  assertNoOtherOutput(params, options);
  const daily = report.forecast?.daily === undefined ? report : await catalog.report(report.forecast.daily);
  const { chart } = daily;
  if (chart?.kind !== 'fan') throw new WattduckError('report_without_chart', { report: toKebabCase(report.name) });
  const idParam = daily.parameters.some(({ name }) => name === `${params['by']}_id`) ? `${params['by']}_id` : undefined;
  if (idParam !== undefined && params[idParam] === undefined)
    throw multipleSeriesError(`Choose one with --${toKebabCase(idParam)}, without --by.`);
  const isTerminal = options.output === undefined && io.stdout.isTTY;
  const width = (isTerminal ? io.stdout.columns : undefined) ?? defaultWidth;
  await openForReading(duckdb, settings.db.value, catalog, {
    lockWait,
    tables: [...daily.tables, ...zoneTables],
    redact: settings.redact.value,
  });
  const chartParams = { ...historyParams(daily, params, width), ...params };
  const {
    rawValues: texts,
    chunks,
    notes,
  } = await withProgress(context, daily, (runContext) => startReport(duckdb, daily, chartParams, runContext, true));
  const rows: Row[] = [];
  for await (const batch of chunks) rows.push(...batch);
  if (rows.length === 0) return printReportNotes(io, ['no rows', ...notes]);
  const points = toPoints(rows, chart);
  if (new Set(points.map(({ day }) => day)).size < points.length)
    throw multipleSeriesError(`Choose one: see \`wattduck report ${toKebabCase(daily.name)} --help\`.`);
  const text = renderFanChart(points, {
    width,
    colour: isTerminal && hasColour(io.stdout, io.env),
    title: daily.title,
    unit: unitLabel(
      daily.columns.find(({ name }) => name === chart.forecast)!,
      commonCurrency(rows) ?? texts['currency'],
    ),
    ...(texts['confidence'] === undefined
      ? {}
      : { interval: `${Number((Number(texts['confidence']) * 100).toFixed(2))} % interval` }),
  });
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

function assertNoOtherOutput(
  params: RawParameters,
  options: OutputOptions & { all?: boolean; explain?: boolean },
): void {
  const otherOption = (['json', 'format', 'columns', 'wide', 'csvSafe', 'all', 'explain'] as const).find(
    (name) => options[name] !== undefined,
  );
  const pagingParam = ['sort', 'sort_field', 'sort_order', 'limit', 'take', 'skip'].find(
    (name) => params[name] !== undefined,
  );
  if (otherOption ?? pagingParam)
    throw new WattduckError('options_conflict', {
      first: 'chart',
      second: toKebabCase((otherOption ?? pagingParam)!),
    });
  const format = options.output === undefined ? undefined : formatForPath(options.output);
  if (format !== undefined && format !== 'table')
    throw new WattduckError('chart_output_format', { path: options.output, format });
}

const multipleSeriesError = (hint: string): WattduckError => new WattduckError('chart_needs_one_series', { hint });

/** Days of history: twice as many as the forecast, or as many as fit with one column each. */
function historyParams({ parameters }: Report, params: RawParameters, width: number): RawParameters {
  const [history, horizons] = ['history', 'horizons'].map((name) =>
    parameters.find((parameter) => parameter.name === name),
  );
  const maxHorizon = Math.max(...(params['horizons'] ?? horizons?.default ?? '').split(',').map(Number));
  // Binding rejects horizons that are not numbers.
  if (history === undefined || !Number.isInteger(maxHorizon)) return {};
  return {
    history: String(Math.min(Math.max(2 * maxHorizon, width - axisColumns - maxHorizon), history.max ?? Infinity)),
  };
}

function toPoints(rows: readonly Row[], { x, y, forecast, low, high }: FanChart): FanPoint[] {
  const toNumber = (cell: Cell | undefined): number | null =>
    cell === null || cell === undefined ? null : Number(cell);
  return rows
    .map((row) => ({
      day: String(row[x]),
      actual: toNumber(row[y]),
      value: toNumber(row[forecast]),
      low: toNumber(row[low]),
      high: toNumber(row[high]),
    }))
    .toSorted((a, b) => (a.day < b.day ? -1 : 1));
}
