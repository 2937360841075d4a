import { meanOf, type History } from './history.ts';
import { models, naive, type Model } from './models.ts';

/** The start of a forecast within the history (rolling origin), with the forecast of each model. */
export interface Origin {
  /** Number of days before the origin. */
  days: number;
  /** Mean daily value in the quarter before. */
  level: number;
  /** Daily forecasts by model. */
  paths: Map<string, Float64Array>;
  /** Cumulative sums of those, from 0 days on. */
  sums: Map<string, Float64Array>;
}

/** An origin with the weights of the models and the combined forecast. */
export interface WeightedOrigin extends Origin {
  weights: Map<string, number>;
  path: Float64Array;
  sum: Float64Array;
}

/** Maximum number of origins, and the days between them. */
const maxOrigins = 30;
const daysBetweenOrigins = (days: number): number => (days < 364 ? 7 : 14);
/** Minimum days of history before an origin. */
const minOriginDays = 28;
/** Horizons used to evaluate the models, in days. */
const evaluationHorizons = [14, 30, 60, 90];
export const maxEvaluationHorizon = 90;
/** Weeks after which the weight of an error is halved. */
const halfLife = 26;
/** Exponent of the inverse errors: higher values favour the best models more. */
const sharpness = 1.5;
/** Weight of the pooled error of all models, in errors of one model, and the maximum error as a share of the level. */
const [commonWeight, maxError] = [4, 3];

const modelEntries: [string, Model][] = Object.entries(models);

/** Cumulative sums, from 0 values to all. */
export function cumulativeSum(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (const [at, value] of values.entries()) sums[at + 1] = sums[at]! + value;
  return sums;
}

/** Mean daily value in the quarter before a day. */
export const levelAt = ({ values }: History, days: number): number => Math.max(0, meanOf(values, days - 91, days));

function forecastFrom(history: History, days: number, horizon: number): Origin {
  const paths = new Map<string, Float64Array>();
  for (const [name, model] of modelEntries) {
    const path = model(history, days, horizon);
    if (path) paths.set(name, path);
  }
  return {
    days,
    level: levelAt(history, days),
    paths,
    sums: new Map([...paths].map(([name, path]) => [name, cumulativeSum(path)])),
  };
}

/**
 * Rolling-origin evaluation: forecasts from many days of the history and from its last day, each with models weighted by
 * their earlier errors.
 * @returns origins in order; the last one is the forecast of the future
 */
export function backtest(history: History, horizon: number): WeightedOrigin[] {
  const days = history.values.length;
  const actuals = cumulativeSum(history.values);
  const step = daysBetweenOrigins(days);
  const count = Math.min(maxOrigins, Math.floor((days - minOriginDays) / step));
  const origins: WeightedOrigin[] = [];
  for (let at = count; at >= 0; at--) {
    const origin = forecastFrom(history, days - at * step, horizon);
    const weights = computeWeights(origin, origins, actuals);
    const path = Float64Array.from({ length: horizon }, (_, day) =>
      [...weights].reduce((sum, [name, weight]) => sum + weight * origin.paths.get(name)![day]!, 0),
    );
    origins.push({ ...origin, weights, path, sum: cumulativeSum(path) });
  }
  return origins;
}

/**
 * Weights by an inverse power of each model's discounted mean squared error (Stock and Watson 2004). The pooled error of
 * all models stabilises the error of a model with few forecasts.
 */
function computeWeights(
  { days, paths }: Origin,
  earlier: readonly Origin[],
  actuals: Float64Array,
): Map<string, number> {
  const names = [...paths.keys()];
  const [errors, counts] = [new Map<string, number>(), new Map<string, number>()];
  for (const origin of earlier) {
    for (const horizon of evaluationHorizons) {
      const endDay = origin.days + horizon;
      if (endDay > days) continue;
      const scale = Math.max(origin.level * horizon, Number.MIN_VALUE);
      const weight = 0.5 ** ((days - endDay) / 7 / halfLife);
      for (const name of names) {
        const sums = origin.sums.get(name);
        if (!sums) continue;
        const error = Math.min(maxError, Math.abs(sums[horizon]! - (actuals[endDay]! - actuals[origin.days]!)) / scale);
        errors.set(name, (errors.get(name) ?? 0) + weight * error ** 2);
        counts.set(name, (counts.get(name) ?? 0) + weight);
      }
    }
  }
  const total = (each: Map<string, number>): number => [...each.values()].reduce((sum, value) => sum + value, 0);
  const commonError = total(counts) > 0 ? total(errors) / total(counts) : 1;
  // Keeps the weight of a model without errors finite.
  const epsilon = 1e-8;
  const inverse = names.map(
    (name) =>
      1 /
      (((errors.get(name) ?? 0) + commonWeight * commonError) / ((counts.get(name) ?? 0) + commonWeight) + epsilon) **
        sharpness,
  );
  const sum = inverse.reduce((partialSum, value) => partialSum + value, 0);
  return new Map(names.map((name, at) => [name, inverse[at]! / sum]));
}

/** Actual, forecast and naive sums over a horizon after an origin; undefined if the horizon exceeds the history. */
export function outcome(
  origin: WeightedOrigin,
  horizon: number,
  actuals: Float64Array,
): { actual: number; forecast: number; naive: number } | undefined {
  const endDay = origin.days + horizon;
  if (endDay >= actuals.length) return undefined;
  return {
    actual: Math.max(0, actuals[endDay]! - actuals[origin.days]!),
    forecast: origin.sum[horizon]!,
    naive: origin.sums.get(naive)![horizon]!,
  };
}
