import { beforeOf } from '../../catalog/compared-columns.ts';
import type { BarChart, RankedChart } from '../../catalog/definitions.ts';
import type { Row } from '../../warehouse/values.ts';
import { fillDates, formatDate, inferStep, parseDate, type DateStep } from '../dates.ts';
import { groupBy } from '../group-by.ts';
import type { ChartDefinition, Look } from '../look.ts';
import { columnOf, labelOf, measureOf, moreText, toNumber, type Measure } from '../measure.ts';
import { distinctLabels } from './labels.ts';
import { judge, type Level } from './level.ts';
import { assertUnique, hasColumn, identityOf, placedRows } from './unique.ts';

/** Maximum number of series with a colour of their own; the others share one. */
export const maxParts = 6;

/** A part of a bar: one row. */
export interface BarPart {
  /** Index of the series; `maxParts` for the others. */
  series: number;
  from: number;
  to: number;
  value: number | null;
  level: Level | undefined;
  tip: string;
}

export interface Bar {
  label: string;
  /** Sum of the parts; null if none has a value. */
  total: number | null;
  /** Empty for a gap. */
  parts: BarPart[];
  /** Its first row; undefined for a gap. */
  row: Row | undefined;
}

export interface BarsModel {
  kind: 'bar' | 'hbar';
  measure: Measure;
  bars: Bar[];
  /** Names of the series in order of size; empty without series. */
  series: string[];
  /** Number of labels, including those left out. */
  count: number;
  isTime: boolean;
  /** Distance of the bars, if they are dates. */
  step: DateStep | undefined;
}

const defaultTop = 12;

/** Rows as bars; with series, as stacked parts of them. */
export function barsModel(
  { chart, columns }: ChartDefinition<BarChart | RankedChart>,
  allRows: readonly Row[],
  look: Look,
): BarsModel {
  const rows = placedRows(allRows, [chart.x, chart.series], columns);
  const earlier = hasColumn(columns, beforeOf(chart.y))
    ? measureOf(columns, beforeOf(chart.y), look.currency)
    : undefined;
  const measure = measureOf(columns, chart.y, look.currency);
  const labelColumn = columnOf(columns, chart.x);
  const isRanked = chart.kind === 'hbar';
  const ids = isRanked ? (chart.id ?? []) : [];
  const labelNames = [chart.x, ...ids];
  assertUnique(rows, [...labelNames, chart.series ?? []].flat(), columns);
  const seriesColumn = chart.series === undefined ? undefined : columnOf(columns, chart.series);
  const seriesOf = (row: Row): string => (seriesColumn ? labelOf(row[seriesColumn.name], seriesColumn) : '');
  const series = seriesColumn ? seriesNames(rows, seriesOf, measure) : [];
  const groups = [...groupBy(rows, (row) => identityOf(row, labelNames)).values()];
  const { order, step, isTime } = isRanked
    ? { order: ranked(groups, measure, seriesColumn !== undefined), isTime: false, step: undefined }
    : ordered(groups, chart.x, labelColumn, look);
  const drawn = isRanked ? order.slice(0, look.top ?? chart.top ?? defaultTop) : order;
  const labels = distinctLabels(
    drawn.map(({ members }) => members[0]),
    chart.x,
    ids,
    columns,
  );
  const levels = isRanked ? chart : {};
  return {
    kind: chart.kind,
    measure,
    series: series.slice(0, maxParts),
    count: groups.length,
    isTime,
    step,
    bars: drawn.map(({ members, gap }, at) => {
      const label = gap ?? labels[at]!;
      const sizes = members
        .map((row) => ({ row, name: seriesOf(row), value: measure.valueOf(row) }))
        .toSorted((a, b) => series.indexOf(a.name) - series.indexOf(b.name));
      let [above, below] = [0, 0];
      const parts = sizes.map(({ row, name, value }): BarPart => {
        const from = (value ?? 0) < 0 ? below : above;
        const to = from + (value ?? 0);
        if ((value ?? 0) < 0) below = to;
        else above = to;
        const what = seriesColumn ? `${label}, ${name}` : label;
        return {
          series: seriesColumn ? Math.min(series.indexOf(name), maxParts) : 0,
          from,
          to,
          value,
          level: judge(value, levels, measure),
          tip: `${what}: ${measure.format(value)}${earlierText(row, earlier)}${moreText(row, chart.more ?? [], columns, look.currency)}`,
        };
      });
      const values = parts.flatMap(({ value }) => value ?? []);
      return {
        label,
        total: values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0),
        parts,
        row: members[0],
      };
    }),
  };
}

const earlierText = (row: Row, earlier: Measure | undefined): string =>
  earlier === undefined ? '' : `, earlier ${earlier.format(earlier.valueOf(row))}`;

/** Rows of one label, or a gap with its label. */
interface BarGroup {
  members: Row[];
  gap?: string;
}

/** Names of the series, largest sum first; the largest ones in order if they are dates. */
function seriesNames(rows: readonly Row[], seriesOf: (row: Row) => string, measure: Measure): string[] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(seriesOf(row), (sums.get(seriesOf(row)) ?? 0) + Math.abs(measure.valueOf(row) ?? 0));
  const names = [...sums].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
  const largest = names.slice(0, maxParts);
  const areDates = largest.every((name) => /^\d{4}-\d\d/.test(name));
  return areDates ? [...largest.toSorted(), ...names.slice(maxParts)] : names;
}

/** The order of the rows, or of the sums of several rows. */
function ranked(groups: readonly Row[][], measure: Measure, isStacked: boolean): BarGroup[] {
  const sum = (rows: readonly Row[]): number => rows.reduce((total, row) => total + (measure.valueOf(row) ?? 0), 0);
  const sorted = isStacked ? groups.toSorted((a, b) => sum(b) - sum(a)) : groups;
  return sorted.map((members) => ({ members }));
}

/** The order of dates or numbers with their gaps, or else of the rows. */
function ordered(
  groups: readonly Row[][],
  x: string,
  column: Parameters<typeof labelOf>[1],
  look: Look,
): { order: BarGroup[]; isTime: boolean; step: DateStep | undefined } {
  const cellOf = ([row]: readonly Row[]): Row[string] => row![x] ?? null;
  const dates = groups.map((group) => parseDate(String(cellOf(group))));
  if (groups.length > 0 && dates.every((ms) => ms !== undefined)) {
    const byDate = new Map(groups.map((group, at) => [dates[at]!, group]));
    const sorted = [...byDate.keys()].toSorted((a, b) => a - b);
    const step = look.step ?? inferStep(sorted);
    const filled = fillDates(sorted, step);
    return {
      order: filled.map((ms) => ({
        members: byDate.get(ms) ?? [],
        ...(byDate.has(ms) ? {} : { gap: formatDate(ms) }),
      })),
      isTime: true,
      step,
    };
  }
  const isNumber = /INT|DOUBLE|FLOAT|DECIMAL/.test(column.type);
  if (!isNumber) return { order: groups.map((members) => ({ members })), isTime: false, step: undefined };
  const byNumber = new Map(groups.map((group) => [toNumber(cellOf(group)), group]));
  const numbers = [...byNumber.keys()].filter((value) => value !== null).toSorted((a, b) => a - b);
  const all = column.unit === 'hour' ? [...new Set([...Array(24).keys(), ...numbers])] : numbers;
  return {
    order: [
      ...all.map((value) => ({
        members: byNumber.get(value) ?? [],
        ...(byNumber.has(value) ? {} : { gap: String(value) }),
      })),
      ...(byNumber.has(null) ? [{ members: byNumber.get(null)! }] : []),
    ],
    isTime: false,
    step: undefined,
  };
}
