import jStat from 'jstat';
import type { Origin } from './backtest.ts';
import { dayQuantiles, sumQuantiles, type PooledErrors } from './pooled-quantiles.ts';
import { expectedSpread, irregularity } from './spread.ts';

/** Share of the usual level added to a forecast and its actual value, so that values near zero have finite errors. */
const baseline = 0.1;
/** Maximum logarithmic error; and that of a past forecast, so that one cannot decide alone. */
const [maxLogError, maxOwnError] = [3, 1.5];
/** Number of independent past forecasts of a series that weigh as much as the errors of other networks. */
const pooledWeight = 3;
/** Minimum of the own and the expected spread, as a share of the other. */
const minShare = 0.2;
/** Spread of a network without active charge points. */
const inactiveSpread = 0.5;
/** Maximum noise of a single day, as a standard deviation of logarithms. */
const maxDayNoise = 2;
/** Maximum upper bound, as a multiple of the highest week of so many charge points. */
const maxCapacity = 3;
/** Assumed relative error of a month for a history of less than eight weeks, at the confidence of 80 %. */
const [shortHistoryWidth, shortHistoryConfidence] = [0.4, 0.8];

/**
 * The logarithmic error of a forecast, with a part of the usual level added to both values.
 * @param size usual sum of the same number of days
 * @returns undefined if both forecast and usual level are 0
 */
export function logError(actual: number, forecast: number, size: number): number | undefined {
  const denominator = forecast + baseline * size;
  if (!(denominator > 0)) return undefined;
  const error = Math.log((Math.max(0, actual) + baseline * size) / denominator);
  return Math.max(-maxLogError, Math.min(maxLogError, error));
}

/** The value at a logarithmic error from a forecast; not below 0. */
export const valueAt = (forecast: number, size: number, error: number): number =>
  Math.max(0, (forecast + baseline * size) * Math.exp(error) - baseline * size);

/** Errors of the past forecasts of a series over one horizon. */
export interface OwnErrors {
  /** Mean absolute logarithmic error. */
  mean: number;
  /** Number of past forecasts whose horizons do not overlap. */
  independent: number;
}

/** Number of origins whose horizons do not overlap. @param ordered origins with complete horizons */
export const countIndependent = (ordered: readonly Origin[], horizon: number): number =>
  ordered.length === 0 ? 0 : 1 + Math.floor((ordered.at(-1)!.features.days - ordered[0]!.features.days) / horizon);

/** Errors of the origins whose horizons are over on a day. @param actuals cumulative sums of the values */
export function ownErrors(
  origins: readonly Origin[],
  actuals: Float64Array,
  days: number,
  horizon: number,
): OwnErrors | undefined {
  let [sum, count] = [0, 0];
  let complete = 0;
  for (const { features, sums, level } of origins) {
    if (features.days + horizon > days) break;
    complete += 1;
    const actual = actuals[features.days + horizon]! - actuals[features.days]!;
    const error = logError(actual, sums[horizon]!, level * horizon);
    if (error === undefined) continue;
    sum += Math.min(maxOwnError, Math.abs(error));
    count += 1;
  }
  if (count === 0) return undefined;
  return { mean: sum / count, independent: countIndependent(origins.slice(0, complete), horizon) };
}

/** Geometric mean of the own and the expected spread, weighted by the number of independent errors. */
function blendSpreads({ mean, independent }: OwnErrors, expected: number): number {
  const own = Math.max(mean, minShare * expected);
  const others = Math.max(expected, minShare * mean);
  if (!(own > 0)) return 0;
  return Math.exp((independent * Math.log(own) + pooledWeight * Math.log(others)) / (independent + pooledWeight));
}

/** Intervals of one forecast, from the errors of other networks and of earlier forecasts of the same series. */
export class Intervals {
  readonly #origin: Origin;
  readonly #earlier: readonly Origin[];
  readonly #actuals: Float64Array;
  readonly #pooled: PooledErrors;
  readonly #spreads = new Map<number, number>();

  /** @param earlier origins before the forecast, in order; only the days before the forecast are used */
  constructor(origin: Origin, earlier: readonly Origin[], actuals: Float64Array, pooled: PooledErrors) {
    this.#origin = origin;
    this.#earlier = earlier.filter(({ isActive }) => isActive === origin.isActive);
    this.#actuals = actuals;
    this.#pooled = pooled;
  }

  /** Spread of the sum over a horizon, as a standard deviation of logarithms. */
  spread(horizon: number): number {
    const cached = this.#spreads.get(horizon);
    if (cached !== undefined) return cached;
    const spread = this.#computeSpread(horizon);
    this.#spreads.set(horizon, spread);
    return spread;
  }

  #computeSpread(horizon: number): number {
    const { features, isActive } = this.#origin;
    const expected = (days: number): number => (isActive ? expectedSpread(features, days) : inactiveSpread);
    const regular = irregularity(features);
    // Without an own error over the horizon, a shorter horizon is extended.
    let known = Math.min(horizon, features.days);
    let own: OwnErrors | undefined;
    const first = this.#earlier[0];
    if (first !== undefined) {
      known = Math.min(known, features.days - first.features.days);
      own = known > 0 ? ownErrors(this.#earlier, this.#actuals, features.days, known) : undefined;
    }
    if (!own) return regular * expected(horizon);
    return blendSpreads(own, regular * expected(known)) * (expected(horizon) / expected(known));
  }

  /** Interval of the sum over a horizon. @param limit maximum upper bound */
  ofSum(horizon: number, confidence: number, limit = Infinity): [low: number, high: number] {
    const { features, sums, level } = this.#origin;
    const quantiles = sumQuantiles(this.#pooled, features.days, horizon, confidence);
    return this.#around(sums[horizon]!, level * horizon, this.spread(horizon), quantiles, limit);
  }

  /** Spread of a single day. @param day from 0 on */
  daySpread(day: number): number {
    const dayNoise = Math.sqrt(28) * this.#origin.features.noise;
    return Math.hypot(this.spread(Math.max(7, day + 1)), Math.min(maxDayNoise, dayNoise));
  }

  /** Interval of a single day. @param day from 0 on */
  ofDay(day: number, confidence: number): [low: number, high: number] {
    const { path, level } = this.#origin;
    return this.#around(path[day]!, level, this.daySpread(day), dayQuantiles(this.#pooled, confidence), Infinity);
  }

  #around(
    value: number,
    size: number,
    spread: number,
    [low, high]: [number, number],
    limit: number,
  ): [low: number, high: number] {
    return [
      Math.min(value, valueAt(value, size, low * spread)),
      Math.max(value, Math.min(limit, valueAt(value, size, high * spread))),
    ];
  }
}

/** Maximum daily value of a network of the current size. @param bestWeek highest daily mean of a week per charge point */
export const capacity = (bestWeek: number, active: number): number => maxCapacity * bestWeek * Math.max(1, active);

const tQuantile = (confidence: number, degreesOfFreedom: number): number =>
  jStat.studentt.inv((1 + confidence) / 2, degreesOfFreedom);

/** Relative width for a history of less than eight weeks. @param days length of the horizon */
export const defaultWidth = (days: number, confidence: number): number =>
  (shortHistoryWidth * Math.sqrt(days / 30) * tQuantile(confidence, 3)) / tQuantile(shortHistoryConfidence, 3);

/** The interval of a relative width around a forecast. */
export function intervalAround(forecast: number, size: number, width: number): [low: number, high: number] {
  const margin = width * (forecast + baseline * size);
  return [Math.max(0, forecast - margin), forecast + margin];
}
