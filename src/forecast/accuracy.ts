import { outcome, type WeightedOrigin } from './backtest.ts';
import { IntervalWidths } from './interval-widths.ts';
import { minOrigins, relativeError } from './intervals.ts';
import type { HorizonForecast } from './types.ts';

/** Tolerance for sums of the same numbers in a different order. */
const rounding = 1e-9;

type Accuracy = Pick<HorizonForecast, 'error' | 'naiveError' | 'coverage' | 'origins'>;

/** Accuracy of the rolling-origin forecasts of a horizon; each uses only the data before its origin. */
export function evaluate(
  origins: readonly WeightedOrigin[],
  values: Float64Array,
  actuals: Float64Array,
  { days, confidence }: { days: number; confidence: number },
): Accuracy {
  const outcomes = origins.flatMap((origin, at) => {
    const found = outcome(origin, days, actuals);
    return found ? [{ ...found, at, origin }] : [];
  });
  const sum = (valueOf: (each: (typeof outcomes)[number]) => number): number =>
    outcomes.reduce((total, each) => total + valueOf(each), 0);
  const actualTotal = sum((each) => each.actual);
  if (outcomes.length === 0 || actualTotal <= 0) return { origins: outcomes.length };
  const testedOutcomes = outcomes.filter(({ at }) => at >= minOrigins);
  const insideInterval = testedOutcomes.filter(({ at, origin, actual: actualSum, forecast: forecastSum }) => {
    const width = new IntervalWidths(
      origins.slice(0, at),
      values,
      actuals.subarray(0, origin.days + 1),
      confidence,
    ).forHorizon(days);
    return (relativeError(actualSum, forecastSum, origin.level * days) ?? 0) <= width + rounding;
  });
  return {
    origins: outcomes.length,
    error: sum((each) => Math.abs(each.actual - each.forecast)) / actualTotal,
    naiveError: sum((each) => Math.abs(each.actual - each.naive)) / actualTotal,
    ...(testedOutcomes.length > 0 ? { coverage: insideInterval.length / testedOutcomes.length } : {}),
  };
}
