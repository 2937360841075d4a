import { beforeOf } from '../../catalog/compared-columns.ts';
import type { NumberChart } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { Row } from '../../warehouse/values.ts';
import { fillDates, formatDate, inferStep } from '../dates.ts';
import type { ChartDefinition, Look } from '../look.ts';
import { columnLabel, columnOf, formatValue, measureOf, type Measure } from '../measure.ts';
import { judge, type Level } from './level.ts';
import { axisOf } from './line.ts';
import { assertUnique } from './unique.ts';

export interface FigureModel {
  kind: 'number';
  measure: Measure;
  value: number | null;
  level: Level | undefined;
  /** Value of the earlier period, in a comparison. */
  before: number | null;
  /** Relative change; null without an earlier value. */
  change: number | null;
  /** Whether the change is good; undefined if the chart does not say. */
  isGood: boolean | undefined;
  /** The date of the value, if it is the last of several. */
  at: string | undefined;
  /** Further figures. */
  more: { label: string; text: string }[];
  /** Values in order of x, null in gaps; empty for a single row. */
  values: { label: string; value: number | null; tip: string | undefined }[];
}

/** One row as a figure, or several as their sum or the last of them. */
export function figureModel(
  { chart, columns, additive }: ChartDefinition<NumberChart>,
  rows: readonly Row[],
  look: Look,
): FigureModel {
  const measure = measureOf(columns, chart.value, look.currency);
  const earlier = columns.some(({ name }) => name === beforeOf(chart.value))
    ? measureOf(columns, beforeOf(chart.value), look.currency)
    : undefined;
  if (chart.x === undefined && rows.length > 1)
    throw new WattduckError('chart_rows_not_unique', { label: measure.label.toLowerCase() });
  const values = chart.x === undefined ? [] : seriesOf(chart.x, rows, columns, measure, look);
  const lastKnown = values.findLast(({ value }) => value !== null);
  const total = (name: string): number | null => {
    const numbers = rows.flatMap((row) => measureOf(columns, name, look.currency).valueOf(row) ?? []);
    return numbers.length === 0 ? null : Number(numbers.reduce((sum, value) => sum + value, 0).toFixed(6));
  };
  const isSum = chart.x !== undefined && additive.includes(chart.value);
  const value = isSum
    ? total(chart.value)
    : chart.x === undefined
      ? rows[0] === undefined
        ? null
        : measure.valueOf(rows[0])
      : (lastKnown?.value ?? null);
  const before =
    earlier === undefined
      ? null
      : isSum
        ? total(earlier.column.name)
        : rows[0] === undefined || chart.x !== undefined
          ? null
          : earlier.valueOf(rows[0]);
  const change = value === null || before === null || before === 0 ? null : (value - before) / Math.abs(before);
  return {
    kind: 'number',
    measure,
    value,
    level: judge(value, chart, measure),
    before,
    change,
    isGood:
      change === null || change === 0 || chart.better === undefined
        ? undefined
        : change > 0 === (chart.better === 'up'),
    at: isSum ? undefined : lastKnown?.label,
    more: (chart.more ?? []).flatMap((name) => {
      const column = columnOf(columns, name);
      if (chart.x === undefined)
        return rows[0] === undefined
          ? []
          : [{ label: columnLabel(column), text: formatValue(rows[0][name], column, look.currency) }];
      return additive.includes(name)
        ? [{ label: columnLabel(column), text: formatValue(total(name), column, look.currency) }]
        : [];
    }),
    values,
  };
}

function seriesOf(
  x: string,
  rows: readonly Row[],
  columns: ChartDefinition['columns'],
  measure: Measure,
  look: Look,
): FigureModel['values'] {
  const placed = rows.filter((row) => (row[x] ?? null) !== null);
  assertUnique(placed, [x], columns);
  const { toX, isTime } = axisOf(placed, columnOf(columns, x));
  const byX = new Map(placed.map((row) => [toX(row[x]), row]));
  const sorted = [...byX.keys()].toSorted((a, b) => a - b);
  const all = isTime ? fillDates(sorted, look.step ?? inferStep(sorted)) : sorted;
  return all.map((at) => {
    const row = byX.get(at);
    const label = isTime ? formatDate(at) : String(at);
    const value = row === undefined ? null : measure.valueOf(row);
    return { label, value, tip: row === undefined ? undefined : `${label}: ${measure.format(value)}` };
  });
}
