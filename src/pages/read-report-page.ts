import { outputColumns, type Chart, type RawParameters, type Report } from '../catalog/definitions.ts';
import { findRole, namesOf } from '../catalog/period-parameters.ts';
import { chartTexts } from '../charts/draw.ts';
import { chartModel } from '../charts/model/model.ts';
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
import type { PageData } from './data.ts';
import { figureHtml } from './figure.ts';
import { pictureHtml } from './picture.ts';
import { defaultPointInTime, toInstantText } from './state.ts';

/** Max rows of a table on a page; files have all rows. */
export const maxTableRows = 200;

/** Id of the element of a chart. */
export const chartId = (at: number): string => `c${at}`;

/** Max values to choose from in a form. */
const maxChoices = 300;

/** Days of a forecast and its history in a picture. */
const pictureDays = 120;

/** A chart of a page, or why it cannot be drawn. */
export type PageChart = { name: string | undefined; kind: Chart['kind'] } & (
  { title: string; subtitle: string; summary: string; html: string } | { problem: WattduckError }
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
  given: RawParameters;
  /** Those, and the point in time of the newest record if the data is older than a day. */
  params: RawParameters;
  /** The newest record, if it decides on the point in time; milliseconds since 1970. */
  dataEnd: number | undefined;
  /** Rows and charts; undefined if the report could not run. */
  result?: { rows: PageRows; charts: readonly PageChart[]; chartReport: Report };
  error?: WattduckError;
  /** Whether only required parameters are missing, and none is set: the form was not sent yet. */
  isBlank: boolean;
}

/** What the page of a report is read from. */
export interface ReportPageSource {
  report: Report;
  /** The report with the charts of a forecast. */
  daily: Report | undefined;
  /** What the database contains. */
  data: PageData;
}

/** Runs a report for its page: the first rows for a table, and each chart. An error for the user becomes a part of the page. */
export async function readReportPage(
  duckdb: DuckDb,
  { report, daily, data }: ReportPageSource,
  given: RawParameters,
  context: RunContext,
): Promise<ReportPageData> {
  const { params, dataEnd } = withDataEnd(report, given, data, context.now);
  const chartReport = report.charts.length > 0 ? report : (daily ?? report);
  const isBlank =
    Object.values(given).every((value) => value === undefined) &&
    report.parameters.some(({ required, default: preset }) => required && preset === undefined);
  try {
    const rows = await readRows(duckdb, report, params, context);
    const charts: PageChart[] = [];
    for (const [at, chart] of rows.total === 0 ? [] : chartReport.charts.entries())
      charts.push(await readPageChart(duckdb, chartId(at), chartReport, chart, params, context));
    return { report, given, params, dataEnd, result: { rows, charts, chartReport }, isBlank: false };
  } catch (error) {
    if (!(error instanceof WattduckError) || error.kind === 'interrupted') throw error;
    return { report, given, params, dataEnd, error, isBlank: isBlank && error.code.startsWith('missing_') };
  }
}

/** Value of the point in time that stands for the clock. */
const clock = 'now';

/** Sets the point in time of a report to its newest record, as other pages do, unless the user set one or it is from today. */
function withDataEnd(
  report: Report,
  given: RawParameters,
  { sources }: PageData,
  now: Date,
): Pick<ReportPageData, 'params' | 'dataEnd'> {
  const parameter = findRole(report, 'now');
  if (!parameter) return { params: given, dataEnd: undefined };
  if (given[parameter.name] === clock) return { params: { ...given, [parameter.name]: undefined }, dataEnd: undefined };
  if (given[parameter.name] !== undefined) return { params: given, dataEnd: undefined };
  const { asOf, dataEnd } = defaultPointInTime(
    report.tables.flatMap((table) => sources.get(table) ?? []),
    now.getTime(),
  );
  return dataEnd === undefined
    ? { params: given, dataEnd }
    : { params: { ...given, [parameter.name]: toInstantText(asOf) }, dataEnd };
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

/** Draws a chart. @param id id of its element */
async function readPageChart(
  duckdb: DuckDb,
  id: string,
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
    const texts = chartTexts(definition, rows, look);
    const model = chartModel(definition, rows, look);
    const html =
      model.kind === 'number'
        ? figureHtml(model, texts.title)
        : pictureHtml(definition, rows, look, { size: 'wide', labelledBy: `${id}-title ${id}-text`, links: undefined });
    return { name, kind, ...texts, html };
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
