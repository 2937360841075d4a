import { evaluate } from './accuracy.ts';
import { backtest, cumulativeSum, forecastFrom, levelAt, type Origin } from './backtest.ts';
import { historyOf, meanOf, minHistoryDays, type History } from './history.ts';
import { withHolidays } from './holidays.ts';
import { capacity, defaultWidth, intervalAround, Intervals } from './intervals.ts';
import { growthFactor } from './levels.ts';
import { seasonalMean } from './models.ts';
import { pooledErrors } from './pooled-errors.ts';
import type { PooledErrors } from './pooled-quantiles.ts';
import type { DailySeries, Forecast, ForecastOptions, PointForecast } from './types.ts';

/** Minimum days of history for a rolling-origin evaluation. */
const minBacktestDays = 56;

/**
 * Forecasts the sums over horizons, and each day. The result is deterministic, and a horizon does not depend on the others.
 * @param pooled errors of other networks, for the intervals
 * @returns undefined if the history is too short
 */
export function forecast(
  series: DailySeries,
  options: ForecastOptions,
  pooled: PooledErrors = pooledErrors,
): Forecast | undefined {
  const days = series.values.length;
  if (days < minHistoryDays) return undefined;
  const history = historyOf(series);
  return {
    outliers: history.outliers,
    ...(days < minBacktestDays ? forecastShortHistory(history, options) : forecastByBacktest(history, options, pooled)),
  };
}

type ModelForecast = Omit<Forecast, 'outliers'>;

function forecastShortHistory(history: History, { horizons, confidence }: ForecastOptions): ModelForecast {
  const days = history.values.length;
  const path = withHolidays(seasonalMean(history, days, horizons.at(-1)!), history.holidays, days);
  const level = levelAt(history, days);
  const forecasts = withIntervals(cumulativeSum(path), (horizon, value) =>
    intervalAround(value, level * horizon, defaultWidth(horizon, confidence)),
  );
  return {
    model: 'seasonal mean',
    totals: horizons.map((horizonDays) => ({
      horizonDays,
      ...forecasts[horizonDays - 1]!,
      origins: 0,
      independent: 0,
    })),
    days: [...path].map((value) => pointForecast(value, intervalAround(value, level, defaultWidth(30, confidence)))),
  };
}

function forecastByBacktest(
  history: History,
  { horizons, confidence }: ForecastOptions,
  pooled: PooledErrors,
): ModelForecast {
  const days = history.values.length;
  const maxHorizon = horizons.at(-1)!;
  const current = forecastFrom(history, days, maxHorizon);
  // Errors of an active network say nothing about an inactive one, and vice versa.
  const origins = backtest(history, maxHorizon).filter(({ isActive }) => isActive === current.isActive);
  const actuals = cumulativeSum(history.observed);
  const intervals = new Intervals(current, origins, actuals, pooled);
  const limit = capacity(bestWeekPerPoint(history), history.active[days - 1]!);
  const forecasts = withIntervals(current.sums, (horizon) =>
    intervals.ofSum(horizon, confidence, horizon * limit * Math.max(1, growthFactor(current.features.growth, horizon))),
  );
  return {
    model: describeModels(current),
    totals: horizons.map((horizonDays) => ({
      horizonDays,
      ...forecasts[horizonDays - 1]!,
      ...evaluate(origins, actuals, pooled, { days: horizonDays, confidence }),
    })),
    days: [...current.path].map((value, day) => pointForecast(value, intervals.ofDay(day, confidence))),
  };
}

/** Highest daily mean of a week per active charge point. */
function bestWeekPerPoint({ values, active }: History): number {
  let best = 0;
  for (let end = values.length; end >= 7; end -= 7) {
    const points = meanOf(active, end - 7, end);
    if (points > 0) best = Math.max(best, meanOf(values, end - 7, end) / points);
  }
  return best;
}

/** Names and weights of the models with at least 5 %, highest first. */
const describeModels = ({ weights }: Origin): string =>
  [...weights]
    .filter(([, weight]) => weight >= 0.05)
    .toSorted(([, first], [, second]) => second - first)
    .map(([name, weight]) => `${name} ${Math.round(100 * weight)} %`)
    .join(', ');

const pointForecast = (value: number, [low, high]: [low: number, high: number]): PointForecast => ({
  value,
  low,
  high,
});

/** Adds an interval to each cumulative sum; its bounds never decrease with the horizon. @param sums from 0 days on */
function withIntervals(
  sums: Float64Array,
  intervalOf: (days: number, value: number) => [low: number, high: number],
): PointForecast[] {
  const forecasts: PointForecast[] = [];
  let [lowFloor, highFloor] = [0, 0];
  for (let days = 1; days < sums.length; days++) {
    const value = sums[days]!;
    const [low, high] = intervalOf(days, value);
    [lowFloor, highFloor] = [Math.max(lowFloor, low), Math.max(highFloor, high)];
    forecasts.push({ value, low: lowFloor, high: highFloor });
  }
  return forecasts;
}
