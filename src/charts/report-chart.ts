import {
  bucketLengths,
  outputColumns,
  type Chart,
  type Parameter,
  type RawParameters,
  type Report,
} from '../catalog/definitions.ts';
import { findRole, namesOf } from '../catalog/period-parameters.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { commonCurrency } from '../render/print-rows.ts';
import type { ReportStream } from '../reports/run-report.ts';
import { selectionOf } from '../reports/selection.ts';
import { suggest, toKebabCase } from '../text/names.ts';
import { plainLine } from '../text/plain-text.ts';
import type { Row } from '../warehouse/values.ts';
import type { DateStep } from './dates.ts';
import { chartDefinition, type ChartDefinition, type Look } from './look.ts';

/** Maximum rows of a chart whose labels are selected from all rows. */
const maxRows = 50_000;

/** Number of labels if the user asks for so many rows, and otherwise. */
const [maxLabels, defaultLabels] = [100, 12];

/**
 * The chart of a report with a name, else its first one.
 * @throws WattduckError (usage) for a report without a chart, or an unknown name
 */
export function findChart(report: Report, name: string | undefined, label: string): Chart {
  const { charts } = report;
  const chart = name === undefined ? charts[0] : charts.find((each) => each.name === name);
  if (chart) return chart;
  if (charts.length === 0) throw new WattduckError('report_without_chart', { label, report: toKebabCase(report.name) });
  const names = charts.flatMap((each) => each.name ?? []);
  throw new WattduckError('unknown_chart', {
    label,
    name,
    suggestion: names.length === 0 ? 'This report has one chart without a name.' : suggest(String(name), names),
  });
}

/** Whether a row of the report is one label of the chart, so that only the first rows are needed. */
const hasRowPerLabel = (chart: Chart): boolean => chart.kind === 'hbar' && chart.series === undefined;

/**
 * The parameters of a report for one of its charts: those of the user, then those of the chart, and as many rows as it needs.
 * @param days columns of the screen, or days of the picture, for a forecast and its history
 */
export function chartParams(report: Report, chart: Chart, params: RawParameters, days: number): RawParameters {
  const { page, parameters } = report;
  const isSet = (parameter: Parameter): boolean => namesOf(parameter).some((name) => params[name] !== undefined);
  const isBound = ({ role }: Parameter): boolean => role?.startsWith('period') ?? false;
  const hasBounds = parameters.some((parameter) => isBound(parameter) && isSet(parameter));
  const preset = Object.fromEntries(
    Object.entries(chart.with ?? {}).filter(([name]) => {
      const parameter = parameters.find((each) => each.name === name);
      return parameter !== undefined && !isSet(parameter) && !(hasBounds && isBound(parameter));
    }),
  );
  const limitName = page.kind === 'limit' ? 'limit' : page.kind === 'take_skip' ? 'take' : undefined;
  const rows = hasRowPerLabel(chart) && chart.kind === 'hbar' ? (chart.top ?? defaultLabels) : maxRows;
  return {
    ...(limitName === undefined || page.kind === 'none' ? {} : { [limitName]: String(Math.min(rows, page.max)) }),
    ...historyParams(report, chart, params, days),
    ...preset,
    ...params,
  };
}

/** Columns of a terminal that labels, axis and the end of history need. */
const axisColumns = 8;

/** Days of history of a forecast: twice as many as the forecast, or as many as fit with one column each. */
function historyParams({ parameters }: Report, chart: Chart, params: RawParameters, days: number): RawParameters {
  const [history, horizons] = ['history', 'horizons'].map((name) =>
    parameters.find((parameter) => parameter.name === name),
  );
  const maxHorizon = Math.max(...(params['horizons'] ?? horizons?.default ?? '').split(',').map(Number));
  // Binding rejects horizons that are not numbers.
  if (chart.kind !== 'fan' || history === undefined || !Number.isInteger(maxHorizon)) return {};
  return {
    history: String(Math.min(Math.max(2 * maxHorizon, days - axisColumns - maxHorizon), history.max ?? Infinity)),
  };
}

/** Rows with everything a drawing needs. */
export interface ChartData {
  definition: ChartDefinition;
  rows: Row[];
  look: Look;
  /** Number of rows that match. */
  total: number;
  /** Whether rows were left out that the chart would draw. */
  isCut: boolean;
  /** A granularity with fewer points; undefined if they are few enough. */
  coarser: { parameter: string; value: string } | undefined;
}

/** Reads the rows of a running report for one of its charts. @param params the parameters of the user */
export async function readChart(stream: ReportStream, chart: Chart, params: RawParameters): Promise<ChartData> {
  const { report, rawValues, zone } = stream;
  const rows: Row[] = [];
  for await (const chunk of stream.chunks) rows.push(...chunk);
  const { total } = await stream.end();
  const hasLimit = ['limit', 'take'].some((name) => params[name] !== undefined);
  const value = (parameter: Parameter | undefined): string | undefined =>
    parameter === undefined ? undefined : rawValues[parameter.name];
  const confidence = rawValues['confidence'];
  return {
    definition: chartDefinition({ ...report, columns: outputColumns(report) }, chart),
    rows,
    total,
    coarser: chart.kind === 'line' ? coarserGranularity(report, rawValues, rows.length) : undefined,
    isCut: total > rows.length && !(hasRowPerLabel(chart) && !hasLimit),
    look: {
      currency: commonCurrency(rows) ?? value(findRole(report, 'currency')) ?? (await stream.currency()),
      context: contextOf(report, rawValues, zone?.name),
      total,
      step: stepOf(report, chart, rawValues),
      ...(hasLimit ? { top: maxLabels } : {}),
      ...(chart.kind === 'fan' && confidence !== undefined
        ? { interval: `${Number((Number(confidence) * 100).toFixed(2))} % interval` }
        : {}),
    },
  };
}

/** Points of a line that are wider than a pixel or two. */
const maxPoints = 400;

/** The finest granularity that leaves at most so many points. */
function coarserGranularity({ parameters }: Report, rawValues: RawParameters, points: number): ChartData['coarser'] {
  const parameter = parameters.find(({ role }) => role === 'granularity');
  const at = bucketLengths.indexOf(rawValues[parameter?.name ?? ''] ?? '');
  if (parameter === undefined || at < 0 || points <= maxPoints) return undefined;
  const days = [1, 7, 30, 91, 365];
  const value = bucketLengths.find(
    (length, index) =>
      index > at && parameter.choices?.includes(length) === true && (points * days[at]!) / days[index]! <= maxPoints,
  );
  return value === undefined ? undefined : { parameter: parameter.name, value };
}

/** The selection that a sub-title names: that of the rows, and the zone of local times. */
const contextOf = (report: Report, rawValues: RawParameters, zone: string | undefined): string[] => [
  ...selectionOf(report, rawValues),
  ...(zone !== undefined && findRole(report, 'time_zone')?.inSql ? [plainLine(zone)] : []),
];

/** The distance of the dates on x, if the report says it. */
function stepOf({ columns, parameters }: Report, chart: Chart, rawValues: RawParameters): DateStep | undefined {
  const column = columns.find(({ name }) => name === chart.x);
  const granularity = parameters.find(({ role }) => role === 'granularity');
  const text = column?.bucket ?? (granularity && rawValues[granularity.name]);
  return text !== undefined && bucketLengths.includes(text) ? (text as DateStep) : undefined;
}
