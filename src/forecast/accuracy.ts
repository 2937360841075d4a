import type { Origin } from './backtest.ts';
import { countIndependent, Intervals } from './intervals.ts';
import type { PooledErrors } from './pooled-quantiles.ts';
import type { HorizonForecast } from './types.ts';

/** Tolerance for sums of the same numbers in a different order. */
const rounding = 1e-9;
/** Minimum number of independent past periods for a coverage. */
export const minIndependent = 5;
/** Minimum days of history before a past period whose interval counts. */
const minIntervalDays = 56;

type Accuracy = Pick<HorizonForecast, 'error' | 'naiveError' | 'coverage' | 'origins' | 'independent'>;

/**
 * Accuracy of the forecasts of past periods: each uses only the days before it, for its interval too. Coverage is undefined
 * with too few independent periods.
 */
export function evaluate(
  origins: readonly Origin[],
  actuals: Float64Array,
  pooled: PooledErrors,
  { days, confidence }: { days: number; confidence: number },
): Accuracy {
  const outcomes = origins.flatMap((origin, at) => {
    const end = origin.features.days + days;
    if (end >= actuals.length) return [];
    const actual = Math.max(0, actuals[end]! - actuals[origin.features.days]!);
    return [{ origin, at, actual, forecast: origin.sums[days]!, naive: origin.naiveSums[days]! }];
  });
  const independent = countIndependent(
    outcomes.map(({ origin }) => origin),
    days,
  );
  const counts = { origins: outcomes.length, independent };
  const sum = (valueOf: (each: (typeof outcomes)[number]) => number): number =>
    outcomes.reduce((total, each) => total + valueOf(each), 0);
  const actualTotal = sum(({ actual }) => actual);
  if (outcomes.length === 0 || actualTotal <= 0) return counts;
  const tested =
    independent < minIndependent ? [] : outcomes.filter(({ origin }) => origin.features.days >= minIntervalDays);
  const inside = tested.filter(({ origin, at, actual }) => {
    const [low, high] = new Intervals(origin, origins.slice(0, at), actuals, pooled).ofSum(days, confidence);
    return actual >= low * (1 - rounding) && actual <= high * (1 + rounding);
  });
  return {
    ...counts,
    error: sum(({ actual, forecast }) => Math.abs(actual - forecast)) / actualTotal,
    naiveError: sum(({ actual, naive }) => Math.abs(actual - naive)) / actualTotal,
    ...(tested.length > 0 ? { coverage: inside.length / tested.length } : {}),
  };
}
