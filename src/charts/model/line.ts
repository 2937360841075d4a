import type { LineChart, ReportColumn } from '../../catalog/definitions.ts';
import { beforeOf } from '../../catalog/compared-columns.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { Cell, Row } from '../../warehouse/values.ts';
import { fillDates, formatDate, inferStep, parseDate, type DateStep } from '../dates.ts';
import { groupBy } from '../group-by.ts';
import type { ChartDefinition, Look } from '../look.ts';
import { columnOf, labelOf, measureOf, moreText, toNumber, type Measure } from '../measure.ts';
import { assertUnique } from './unique.ts';

/** Maximum number of lines. */
export const maxLines = 6;

export interface LinePoint {
  /** Milliseconds since 1970, or a number. */
  x: number;
  label: string;
  /** Null in a gap. */
  y: number | null;
  /** Value of the earlier period, in a comparison. */
  before: number | null;
  /** Undefined for a date without a row. */
  tip: string | undefined;
}

export interface LineModel {
  kind: 'line';
  measure: Measure;
  isTime: boolean;
  step: DateStep | undefined;
  /** Lines, each with a point for every x of all lines. */
  lines: { name: string | undefined; points: LinePoint[] }[];
  /** Number of lines, including those left out. */
  count: number;
}

/** Rows as lines over dates or numbers; a date without a row is a gap. */
export function lineModel({ chart, columns }: ChartDefinition<LineChart>, rows: readonly Row[], look: Look): LineModel {
  const measure = measureOf(columns, chart.y, look.currency);
  const xColumn = columnOf(columns, chart.x);
  const seriesColumn = chart.series === undefined ? undefined : columnOf(columns, chart.series);
  const beforeMeasure = columns.some(({ name }) => name === beforeOf(chart.y))
    ? measureOf(columns, beforeOf(chart.y), look.currency)
    : undefined;
  // A row of the earlier period alone has no place in this one.
  const placed = rows.filter((row) => (row[chart.x] ?? null) !== null);
  assertUnique(placed, [chart.x, chart.series ?? []].flat(), columns);
  const { toX, isTime } = axisOf(placed, xColumn);
  const xs = [...new Set(placed.map((row) => toX(row[chart.x])))].toSorted((a, b) => a - b);
  const step = isTime ? (look.step ?? inferStep(xs)) : undefined;
  const allXs = isTime ? fillDates(xs, step) : xs;
  const groups = groupBy(placed, (row) =>
    seriesColumn === undefined ? undefined : labelOf(row[seriesColumn.name], seriesColumn),
  );
  const largestFirst = [...groups].toSorted(([, a], [, b]) => magnitude(b, measure) - magnitude(a, measure));
  return {
    kind: 'line',
    measure,
    isTime,
    step,
    count: groups.size,
    lines: largestFirst.slice(0, maxLines).map(([name, members]) => {
      const byX = new Map(members.map((row) => [toX(row[chart.x]), row]));
      return {
        name,
        points: allXs.map((x): LinePoint => {
          const row = byX.get(x);
          const label = isTime ? formatDate(x) : String(x);
          if (row === undefined) return { x, label, y: null, before: null, tip: undefined };
          const y = measure.valueOf(row);
          const before = beforeMeasure?.valueOf(row) ?? null;
          const tip = `${name === undefined ? '' : `${name}, `}${label}: ${measure.format(y)}${before === null ? '' : `, earlier ${measure.format(before)}`}${moreText(row, chart.more ?? [], columns, look.currency)}`;
          return { x, label, y, before, tip };
        }),
      };
    }),
  };
}

const magnitude = (rows: readonly Row[], measure: Measure): number =>
  rows.reduce((sum, row) => sum + Math.abs(measure.valueOf(row) ?? 0), 0);

/** How the values of a column are placed on an axis. @throws WattduckError (chart_x_not_ordered) for other texts than dates */
export function axisOf(
  rows: readonly Row[],
  column: ReportColumn,
): { toX: (cell: Cell | undefined) => number; isTime: boolean } {
  const cells = rows.map((row) => row[column.name]);
  if (/INT|DOUBLE|FLOAT|DECIMAL/.test(column.type)) return { toX: (cell) => toNumber(cell) ?? 0, isTime: false };
  const other = cells.find((cell) => parseDate(String(cell)) === undefined);
  if (other !== undefined)
    throw new WattduckError('chart_x_not_ordered', { column: column.name, value: labelOf(other, column) });
  return { toX: (cell) => parseDate(String(cell))!, isTime: true };
}
