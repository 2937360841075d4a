import type { HeatmapChart, ReportColumn, StripChart } from '../../catalog/definitions.ts';
import type { Row } from '../../warehouse/values.ts';
import { fillDates, formatDate, inferStep, parseDate } from '../dates.ts';
import { groupBy } from '../group-by.ts';
import type { ChartDefinition, Look } from '../look.ts';
import { columnOf, labelOf, measureOf, toNumber, type Measure } from '../measure.ts';
import { distinctLabels } from './labels.ts';
import { judge, type Level } from './level.ts';
import { assertUnique, identityOf, placedRows } from './unique.ts';

/** A row of the report as a cell. */
export interface GridCell {
  /** Index of its column. */
  column: number;
  value: number | null;
  level: Level | undefined;
  tip: string;
}

export interface GridModel {
  kind: 'heatmap' | 'strip';
  measure: Measure;
  /** Labels of the columns. */
  columns: string[];
  isTime: boolean;
  /** Dates of the columns, if they are dates. */
  dates: number[];
  rows: { label: string; cells: GridCell[]; row: Row }[];
  /** Number of rows, including those left out. */
  count: number;
}

const defaultTop = 12;

/** Rows as cells of a grid: an x has a column, and a y a row. */
export function gridModel(
  { chart, columns }: ChartDefinition<HeatmapChart | StripChart>,
  rows: readonly Row[],
  look: Look,
): GridModel {
  const measure = measureOf(columns, chart.value, look.currency);
  const xColumn = columnOf(columns, chart.x);
  const labelNames = [chart.y ?? [], chart.id ?? []].flat();
  const placed = placedRows(rows, [chart.y], columns).filter((row) => (row[chart.x] ?? null) !== null);
  assertUnique(placed, [...labelNames, chart.x], columns);
  const groups = [...groupBy(placed, (row) => identityOf(row, labelNames)).values()];
  const drawn = groups.slice(0, look.top ?? chart.top ?? defaultTop);
  const { keys, dates } = columnKeys(drawn.flat(), chart.x, xColumn, look);
  const index = new Map(keys.map((key, at) => [key, at]));
  const labels =
    chart.y === undefined
      ? drawn.map(() => '')
      : distinctLabels(
          drawn.map(([row]) => row),
          chart.y,
          chart.id ?? [],
          columns,
        );
  const columnLabels = dates.length > 0 ? dates.map(formatDate) : keys.map((key) => labelOf(key, xColumn));
  return {
    kind: chart.kind,
    measure,
    columns: columnLabels,
    dates,
    isTime: dates.length > 0,
    count: groups.length,
    rows: drawn.map((members, at) => ({
      label: labels[at]!,
      row: members[0]!,
      cells: members
        .map((row): GridCell => {
          const column = index.get(String(row[chart.x]))!;
          const value = measure.valueOf(row);
          const what = labels[at] === '' ? columnLabels[column]! : `${labels[at]}, ${columnLabels[column]!}`;
          return {
            column,
            value,
            level: chart.kind === 'strip' ? judge(value, chart, measure) : undefined,
            tip: `${what}: ${measure.format(value)}`,
          };
        })
        .toSorted((a, b) => a.column - b.column),
    })),
  };
}

/** The values of x in order, with those of gaps. */
function columnKeys(
  rows: readonly Row[],
  x: string,
  column: ReportColumn,
  look: Look,
): { keys: string[]; dates: number[] } {
  const keys = [...new Set(rows.map((row) => String(row[x])))];
  const parsed = keys.map(parseDate);
  if (keys.length > 0 && parsed.every((ms) => ms !== undefined)) {
    const texts = new Map(keys.map((key, at) => [parsed[at]!, key]));
    const sorted = parsed.toSorted((a, b) => a - b);
    const dates = fillDates(sorted, look.step ?? inferStep(sorted));
    return { keys: dates.map((ms) => texts.get(ms) ?? formatDate(ms)), dates };
  }
  if (!/INT|DOUBLE|FLOAT|DECIMAL/.test(column.type)) return { keys, dates: [] };
  const numbers = keys.map((key) => toNumber(key) ?? 0).toSorted((a, b) => a - b);
  return { keys: fillNumbers(numbers, column).map(String), dates: [] };
}

/** Integers with those between them, all hours, and all days of the week. */
function fillNumbers(numbers: readonly number[], { unit }: ReportColumn): number[] {
  const whole = unit === 'hour' ? [0, 23] : unit === 'weekday' ? [1, 7] : [];
  const [first, last] = [Math.min(...numbers, ...whole), Math.max(...numbers, ...whole)];
  if (!numbers.every((value) => Number.isInteger(value)) || last - first > 366) return [...numbers];
  return numbers.length === 0 ? [] : Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
