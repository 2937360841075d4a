import { meanOf, type History } from './history.ts';
import { models, naive, type Model } from './models.ts';

/** A day of the past from which the days after it were forecast, with what each model said and what came. */
export interface Origin {
  /** Days known then. */
  days: number;
  /** Mean of a day in the quarter before. */
  level: number;
  /** What each model says of each day after. */
  paths: Map<string, Float64Array>;
  /** Sums of those over so many days, from none on. */
  sums: Map<string, Float64Array>;
}

/** The same with the models weighed by what was known then. */
export interface WeightedOrigin extends Origin {
  weights: Map<string, number>;
  path: Float64Array;
  sum: Float64Array;
}

/** Pasts forecast at most, and the days between them: two weeks where a year is known. */
const maxOrigins = 30;
const daysBetweenOrigins = (days: number): number => (days < 364 ? 7 : 14);
/** Fewest days a past is forecast from. */
const minOriginDays = 28;
/** Sums by which models are judged, in days. */
const evaluationHorizons = [14, 30, 60, 90];
/** Longest of them. */
export const maxEvaluationHorizon = 90;
/** Weeks after which an error weighs half. */
const halfLife = 26;
/** How sharply better models are told from worse. */
const sharpness = 1.5;
/** Weight of the errors of all models together, in errors of one, and the most an error counts, as a share of the level. */
const [commonWeight, maxError] = [4, 3];

const modelEntries: [string, Model][] = Object.entries(models);

/** Sums of the first days, from none of them to all. */
export function cumulativeSum(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (const [at, value] of values.entries()) sums[at + 1] = sums[at]! + value;
  return sums;
}

/** Mean of a day in the last quarter known. */
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
 * Forecasts the past from many of its days (rolling origins) and the future from the last one, each by models weighed by their errors before it.
 * @returns the last is of the future
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
 * Weights by a power of each model's mean squared error so far, later ones weighing more (discounted errors, Stock and Watson 2004).
 * A model of which little is known is taken for one like the others.
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
  // Even a model without error has company.
  const epsilon = 1e-8;
  const inverse = names.map(
    (name) =>
      1 /
      (((errors.get(name) ?? 0) + commonWeight * commonError) / ((counts.get(name) ?? 0) + commonWeight) + epsilon) **
        sharpness,
  );
  const sum = inverse.reduce((one, other) => one + other, 0);
  return new Map(names.map((name, at) => [name, inverse[at]! / sum]));
}

/** What came over so many days after an origin, what was forecast, and what the naive model said; nothing where they are not over. */
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
