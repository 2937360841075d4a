import { meanOf, type History } from './history.ts';
import type { Features } from './features.ts';
import { currentLevel, growthFactor, meanLevel, smoothedLevel, stepSupport, type Level } from './levels.ts';
import { meanFactor } from './spread.ts';
import { spreadByWeekday, weekdayShares } from './weekdays.ts';

/** Forecasts of daily values by model, with the weights of the models. */
export interface ModelPaths {
  paths: Map<string, Float64Array>;
  weights: Map<string, number>;
}

/** Days of a year in whole weeks. */
const year = 364;
/** Weeks used for weekday shares. */
const weekdayWeeks = 8;
/** Weight of a week relative to the week after it, in the smoothed level. */
const weekShare = 0.4;
/** Exponent that damps a seasonal ratio, because the pattern of few years may be chance; and the limit of the ratio. */
const [seasonalDamping, maxRatio] = [0.5, 3];
/** Maximum weight of the 56-day mean, and the noise with half of it. */
const [maxLongWeight, middleNoise] = [0.5, 0.2];
/** Weight of last year with many years, and the number of years with half of it. */
const [maxSeasonWeight, middleYears] = [0.7, 2];
const maxYears = 5;

/**
 * Forecasts from the first `days` of a history: three levels, and the season of earlier years. The weights depend on the
 * noise and the length of the history only: weights from past errors are mostly chance (bench/forecast).
 */
export function modelPaths(history: History, features: Features, horizon: number): ModelPaths {
  const { days, noise, growth } = features;
  const shares = weekdayShares(history.values, days, weekdayWeeks);
  const support = stepSupport(history, days);
  const factors = Float64Array.from(
    { length: horizon },
    (_, day) => growthFactor(growth, day) * meanFactor(features, day),
  );
  const levels = new Map<string, number>();
  const addLevel = (name: string, level: Level): unknown =>
    levels.set(name, currentLevel(history, days, level, support));
  addLevel('28-day mean', meanLevel(history, days, 28));
  addLevel('smoothed weeks', smoothedLevel(history, days, weekShare));
  const longWeight = days < 56 ? 0 : (maxLongWeight * noise ** 2) / (noise ** 2 + middleNoise ** 2);
  const weights = new Map([
    ['28-day mean', (1 - longWeight) / 2],
    ['smoothed weeks', (1 - longWeight) / 2],
  ]);
  if (longWeight > 0) {
    addLevel('56-day mean', meanLevel(history, days, 56));
    weights.set('56-day mean', longWeight);
  }
  const paths = new Map(
    [...levels].map(([name, level]) => [name, spreadByWeekday(horizon, (day) => level * factors[day]!, shares)]),
  );
  const season = seasonOf(history, days, horizon);
  if (season) {
    const combined = combine({ paths, weights }, horizon);
    const seasonWeight = (maxSeasonWeight * season.years) / (season.years + middleYears);
    for (const [name, weight] of weights) weights.set(name, weight * (1 - seasonWeight));
    paths.set(
      'last year',
      combined.map((value, day) => value * season.ratios[day]!),
    );
    weights.set('last year', seasonWeight);
  }
  return { paths, weights };
}

/** Weighted average of the paths. */
export function combine({ paths, weights }: ModelPaths, horizon: number): Float64Array {
  const path = new Float64Array(horizon);
  for (const [name, weight] of weights)
    for (const [day, value] of paths.get(name)!.entries()) path[day]! += weight * value;
  return path;
}

/** Ratios of the forecast days to the last four weeks in earlier years, damped; undefined without an earlier year. */
function seasonOf(
  { perPoint }: History,
  days: number,
  horizon: number,
): { years: number; ratios: Float64Array } | undefined {
  const logs = new Float64Array(horizon);
  let years = 0;
  for (let age = 1; age <= maxYears && days - age * year >= 28; age++) {
    const start = days - age * year;
    const before = meanOf(perPoint, start - 28, start);
    if (!(before > 0)) break;
    years += 1;
    // Means of three weeks, of days that are over.
    for (const day of logs.keys()) {
      const at = start + (day % year);
      // Refunds may exceed the payments of three weeks.
      const mean = Math.max(0, meanOf(perPoint, at - 10, Math.min(days, at + 11)));
      logs[day]! += Math.max(-Math.log(maxRatio), Math.min(Math.log(maxRatio), Math.log(mean / before)));
    }
  }
  return years === 0 ? undefined : { years, ratios: logs.map((log) => Math.exp((seasonalDamping * log) / years)) };
}

/** The baseline: repeats the last week. */
export const repeatLastWeek = ({ observed }: History, days: number, horizon: number): Float64Array =>
  Float64Array.from({ length: horizon }, (_, day) => Math.max(0, observed[days - 7 + (day % 7)]!));

/** The mean of each weekday over the last four weeks, for short histories. */
export function seasonalMean({ perPoint, active }: History, days: number, horizon: number): Float64Array {
  const level = meanOf(perPoint, days - 28, days) * active[days - 1]!;
  return spreadByWeekday(horizon, () => level, weekdayShares(perPoint, days, 4));
}
