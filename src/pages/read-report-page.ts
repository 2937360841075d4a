import { outputColumns, type Chart, type RawParameters, type Report } from '../catalog/definitions.ts';
import { namesOf } from '../catalog/period-parameters.ts';
import { chartParams, readChart } from '../charts/report-chart.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { leadingFirst, commonCurrency } from '../render/print-rows.ts';
import type { DisplayColumn } from '../render/cells.ts';
import { labelTotal } from '../render/total-row.ts';
import { choicesOf } from '../reports/known-values.ts';
import { emptyNotes, startReport, type RunContext } from '../reports/run-report.ts';
import { selectionOf } from '../reports/selection.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import type { Row } from '../warehouse/values.ts';

/** Max rows of a table on a page; files have all rows. */
export const maxTableRows = 200;

/** Max values to choose from in a form. */
const maxChoices = 300;

/** Widths of a chart in pixels: on a screen, on a phone, and of a figure on both. */
const chartWidths = { wide: 1130, narrow: 400, figure: 345 };

/** Days of a forecast and its history in a picture. */
const pictureDays = 120;

/** A chart of a page, or why it cannot be drawn. */
export type PageChart = { name: string | undefined; kind: Chart['kind'] } & (
  { title: string; subtitle: string; summary: string; wide: string; narrow: string } | { problem: WattduckError }
);

/** Rows of a report, as its page shows them. */
export interface PageRows {
  columns: readonly DisplayColumn[];
  rows: readonly Row[];
  totalRow: Row | undefined;
  /** Number of rows that match. */
  total: number;
  currency: string | undefined;
  zone: string | undefined;
  /** Period, site and other facts of the selection. */
  context: readonly string[];
  notes: readonly string[];
  rawValues: RawParameters;
}

/** Everything that the page of a report shows. */
export interface ReportPageData {
  report: Report;
  /** The parameters of the user. */
  params: RawParameters;
  /** Rows and charts; undefined if the report could not run. */
  result?: { rows: PageRows; charts: readonly PageChart[]; chartReport: Report };
  error?: WattduckError;
  /** Whether only required parameters are missing, and none is set: the form was not sent yet. */
  isBlank: boolean;
}

/**
 * Runs a report for its page: the first rows for a table, and each chart. An error for the user becomes a part of the page.
 * @param daily the report with the charts of a forecast
 */
export async function readReportPage(
  duckdb: DuckDb,
  report: Report,
  params: RawParameters,
  context: RunContext,
  daily?: Report,
): Promise<ReportPageData> {
  const chartReport = report.charts.length > 0 ? report : (daily ?? report);
  const isBlank =
    Object.values(params).every((value) => value === undefined) &&
    report.parameters.some(({ required, default: preset }) => required && preset === undefined);
  try {
    const rows = await readRows(duckdb, report, params, context);
    const charts: PageChart[] = [];
    for (const chart of rows.total === 0 ? [] : chartReport.charts)
      charts.push(await readPageChart(duckdb, chartReport, chart, params, context));
    return { report, params, result: { rows, charts, chartReport }, isBlank: false };
  } catch (error) {
    if (!(error instanceof WattduckError) || error.kind === 'interrupted') throw error;
    return { report, params, error, isBlank: isBlank && error.code.startsWith('missing_') };
  }
}

/** The first rows of a report, and the number of all. */
async function readRows(duckdb: DuckDb, report: Report, params: RawParameters, context: RunContext): Promise<PageRows> {
  const stream = await startReport(duckdb, report, params, context);
  const rows: Row[] = [];
  for await (const chunk of stream.chunks) rows.push(...chunk.slice(0, maxTableRows - rows.length));
  const { total, totals, totalRow } = await stream.end();
  const { answer } = stream.report;
  // The answer without rows of a report of one object.
  const isEmptyObject = rows.length === 0 && answer.shape === 'object' && Object.keys(totals).length > 0;
  const shown = isEmptyObject ? [totals] : rows;
  const columns = leadingFirst(
    outputColumns(stream.report).filter(
      ({ name, optional }) => !optional || shown.some((row) => (row[name] ?? null) !== null),
    ),
    stream.report.leadingColumns,
  );
  const { rawValues, zone, notes, emptyReason } = stream;
  return {
    columns,
    rows: shown,
    totalRow: totalRow && rows.length > 0 ? labelTotal(columns, totalRow) : undefined,
    total,
    currency: commonCurrency(rows) ?? (await stream.currency()),
    zone: zone?.name,
    context: selectionOf(stream.report, rawValues),
    notes: [...emptyNotes(emptyReason), ...notes],
    rawValues,
  };
}

/** Parameters of a table that its charts do not have, and the order of its rows. */
const tableOnlyParams = ['total', 'limit', 'take', 'skip'];
const sortParams = ['sort', 'sort_field', 'sort_order'];

/** Draws a chart in both widths. */
async function readPageChart(
  duckdb: DuckDb,
  report: Report,
  chart: Chart,
  tableParams: RawParameters,
  context: RunContext,
): Promise<PageChart> {
  const known = new Set(report.parameters.flatMap(namesOf));
  const others = [...tableOnlyParams, ...(chart.kind === 'fan' ? sortParams : [])];
  const params = Object.fromEntries(
    Object.entries(tableParams).filter(([name]) => known.has(name) && !others.includes(name)),
  );
  const { name, kind } = chart;
  try {
    const stream = await startReport(duckdb, report, chartParams(report, chart, params, pictureDays), context);
    const { definition, rows, look } = await readChart(stream, chart, params);
    const { chartTexts, draw } = await import('../charts/draw.ts');
    const drawAt = (width: number): string => draw(definition, rows, { ...look, width });
    const texts = { name, kind, ...chartTexts(definition, rows, look) };
    if (kind === 'number') {
      const picture = drawAt(chartWidths.figure);
      return { ...texts, wide: picture, narrow: picture };
    }
    return { ...texts, wide: drawAt(chartWidths.wide), narrow: drawAt(chartWidths.narrow) };
  } catch (error) {
    if (error instanceof WattduckError && error.code.startsWith('chart_')) return { name, kind, problem: error };
    throw error;
  }
}

/** Values to choose from, by the name of the parameter. */
export type Choices = ReadonlyMap<string, readonly string[]>;

/** Existing values of the parameters that name things, such as sites. */
export async function readChoices(duckdb: DuckDb, { parameters }: Report): Promise<Choices> {
  const choices = new Map<string, readonly string[]>();
  for (const parameter of parameters) {
    const values = parameter.choices ? [] : await choicesOf(duckdb, parameter, maxChoices);
    if (values.length > 0) choices.set(parameter.name, values);
  }
  return choices;
}
