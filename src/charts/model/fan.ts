import type { FanChart } from '../../catalog/definitions.ts';
import type { Row } from '../../warehouse/values.ts';
import type { ChartDefinition, Look } from '../look.ts';
import { columnOf, labelOf, measureOf, type Measure } from '../measure.ts';
import { assertUnique } from './unique.ts';

/** A day of history, or a forecast day with its interval. */
export interface FanPoint {
  /** As 2025-01-31. */
  day: string;
  actual: number | null;
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface FanModel {
  kind: 'fan';
  measure: Measure;
  points: (FanPoint & { tip: string })[];
}

/** Rows as days of history and of the forecast, in order. */
export function fanModel({ chart, columns }: ChartDefinition<FanChart>, rows: readonly Row[], look: Look): FanModel {
  assertUnique(rows, [chart.x], columns);
  const [y, forecast, low, high] = (['y', 'forecast', 'low', 'high'] as const).map((key) =>
    measureOf(columns, chart[key], look.currency),
  ) as [Measure, Measure, Measure, Measure];
  const dayColumn = columnOf(columns, chart.x);
  return {
    kind: 'fan',
    measure: y,
    points: rows
      .map((row) => {
        const point = {
          day: labelOf(row[chart.x], dayColumn),
          actual: y.valueOf(row),
          value: forecast.valueOf(row),
          low: low.valueOf(row),
          high: high.valueOf(row),
        };
        const range =
          point.low === null || point.high === null ? '' : `, ${y.format(point.low)} to ${y.format(point.high)}`;
        const tip = point.value === null ? y.format(point.actual) : `forecast ${y.format(point.value)}${range}`;
        return { ...point, tip: `${point.day}: ${tip}` };
      })
      .toSorted((a, b) => (a.day < b.day ? -1 : 1)),
  };
}
