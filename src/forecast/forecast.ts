import { evaluate } from './accuracy.ts';
import { backtest, cumulativeSum, levelAt, maxEvaluationHorizon, type WeightedOrigin } from './backtest.ts';
import { historyOf, minHistoryDays, type History } from './history.ts';
import { IntervalWidths } from './interval-widths.ts';
import { defaultWidth, intervalAround } from './intervals.ts';
import { seasonalMean } from './models.ts';
import type { DailySeries, Forecast, ForecastOptions, PointForecast } from './types.ts';

/** Minimum days of history for a rolling-origin evaluation. */
const minBacktestDays = 56;

/**
 * Forecasts the sums over horizons, and each day. The result is deterministic, and a horizon does not depend on the others.
 * @returns undefined if the history is too short
 */
export function forecast(series: DailySeries, options: ForecastOptions): Forecast | undefined {
  const days = series.values.length;
  if (days < minHistoryDays) return undefined;
  const history = historyOf(series);
  return {
    outliers: history.outliers,
    ...(days < minBacktestDays ? forecastShortHistory(history, options) : forecastByBacktest(history, options)),
  };
}

type ModelForecast = Omit<Forecast, 'outliers'>;

function forecastShortHistory(history: History, { horizons, confidence }: ForecastOptions): ModelForecast {
  const days = history.values.length;
  const path = seasonalMean(history, days, horizons.at(-1)!)!;
  const level = levelAt(history, days);
  const forecasts = withIntervals(cumulativeSum(path), level, (horizon) => defaultWidth(horizon, confidence));
  return {
    model: 'seasonal mean',
    totals: horizons.map((horizonDays) => ({ horizonDays, ...forecasts[horizonDays - 1]!, origins: 0 })),
    days: [...path].map((value) => pointForecast(value, level, defaultWidth(30, confidence))),
  };
}

function forecastByBacktest(history: History, { horizons, confidence }: ForecastOptions): ModelForecast {
  const maxHorizon = horizons.at(-1)!;
  const origins = backtest(history, Math.max(maxHorizon, maxEvaluationHorizon));
  const [pastOrigins, current] = [origins.slice(0, -1), origins.at(-1)!];
  const actuals = cumulativeSum(history.values);
  // Errors of an active network say nothing about an inactive one, and vice versa.
  const isInactive = ({ days }: WeightedOrigin): boolean => history.active[days - 1] === 0;
  const comparableOrigins = pastOrigins.filter((origin) => isInactive(origin) === isInactive(current));
  const widths = new IntervalWidths(comparableOrigins, history.values, actuals, confidence);
  const forecasts = withIntervals(current.sum.subarray(0, maxHorizon + 1), current.level, (horizon) =>
    widths.forHorizon(horizon),
  );
  return {
    model: describeModels(current),
    totals: horizons.map((horizonDays) => ({
      horizonDays,
      ...forecasts[horizonDays - 1]!,
      ...evaluate(comparableOrigins, history.values, actuals, { days: horizonDays, confidence }),
    })),
    days: [...current.path.subarray(0, maxHorizon)].map((value, day) =>
      pointForecast(value, current.level, widths.forDay(day)),
    ),
  };
}

/** Names and weights of the models with at least 5 %, highest first. */
const describeModels = ({ weights }: WeightedOrigin): string =>
  [...weights]
    .filter(([, weight]) => weight >= 0.05)
    .toSorted(([, first], [, second]) => second - first)
    .map(([name, weight]) => `${name} ${Math.round(100 * weight)} %`)
    .join(', ');

function pointForecast(value: number, size: number, width: number): PointForecast {
  const [low, high] = intervalAround(value, size, width);
  return { value, low, high };
}

/** Adds an interval to each cumulative sum; its bounds never decrease with the horizon. @param sums from 0 days on */
function withIntervals(sums: Float64Array, level: number, widthOfHorizon: (days: number) => number): PointForecast[] {
  const forecasts: PointForecast[] = [];
  let [lowFloor, highFloor] = [0, 0];
  for (let days = 1; days < sums.length; days++) {
    const { value, low, high } = pointForecast(sums[days]!, level * days, widthOfHorizon(days));
    [lowFloor, highFloor] = [Math.max(lowFloor, low), Math.max(highFloor, high)];
    forecasts.push({ value, low: lowFloor, high: highFloor });
  }
  return forecasts;
}
