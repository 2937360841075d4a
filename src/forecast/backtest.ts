import { featuresOf, type Features } from './features.ts';
import { meanOf, type History } from './history.ts';
import { withHolidays } from './holidays.ts';
import { combine, modelPaths, repeatLastWeek } from './models.ts';

/** The start of a forecast within the history (rolling origin), with the forecast. */
export interface Origin {
  /** Features of the history before the origin, with its number of days. */
  features: Features;
  /** Mean daily value in the quarter before. */
  level: number;
  /** Whether any charge point is active. */
  isActive: boolean;
  weights: Map<string, number>;
  /** Forecast of each day. */
  path: Float64Array;
  /** Cumulative sums of the forecast and of the baseline, from 0 days on. */
  sums: Float64Array;
  naiveSums: Float64Array;
}

/** Maximum number of origins, and the days between them. */
const [maxOrigins, daysBetweenOrigins] = [104, 7];
/** Minimum days of history before an origin. */
const minOriginDays = 28;

/** Cumulative sums, from 0 values to all. */
export function cumulativeSum(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (const [at, value] of values.entries()) sums[at + 1] = sums[at]! + value;
  return sums;
}

/** Mean daily value in the quarter before a day. */
export const levelAt = ({ values }: History, days: number): number => Math.max(0, meanOf(values, days - 91, days));

/** Forecasts from one day of a history, with the data before it. */
export function forecastFrom(history: History, days: number, horizon: number): Origin {
  const features = featuresOf(history, days);
  const models = modelPaths(history, features, horizon);
  const path = withHolidays(combine(models, horizon), history.holidays, days);
  return {
    features,
    level: levelAt(history, days),
    isActive: history.active[days - 1]! > 0,
    weights: models.weights,
    path,
    sums: cumulativeSum(path),
    naiveSums: cumulativeSum(repeatLastWeek(history, days, horizon)),
  };
}

/** Forecasts from many earlier days of the history (rolling origins), in order. */
export function backtest(history: History, horizon: number): Origin[] {
  const days = history.values.length;
  const count = Math.min(maxOrigins, Math.floor((days - minOriginDays) / daysBetweenOrigins));
  return Array.from({ length: count }, (_, at) =>
    forecastFrom(history, days - (count - at) * daysBetweenOrigins, horizon),
  );
}
