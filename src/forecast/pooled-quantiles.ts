/** Quantiles of scaled errors, pooled over many networks. */
export interface PooledErrors {
  /** Probabilities of the quantiles, ascending. */
  probabilities: readonly number[];
  /** Lengths of the horizons in days, ascending. */
  horizons: readonly number[];
  /** Minimum days of history of each class, ascending. */
  historyDays: readonly number[];
  /** Quantiles of the errors of sums, by class of history, horizon and probability. */
  sums: readonly (readonly (readonly number[])[])[];
  /** Quantiles of the errors of single days. */
  days: readonly number[];
}

/** Value at a place between ascending places, by linear interpolation; the first or last value outside. */
export function interpolate(places: readonly number[], values: readonly number[], place: number): number {
  const next = places.findIndex((each) => each >= place);
  if (next === 0) return values[0]!;
  if (next < 0) return values.at(-1)!;
  const share = (place - places[next - 1]!) / (places[next]! - places[next - 1]!);
  return values[next - 1]! + share * (values[next]! - values[next - 1]!);
}

/** Lower and upper quantile of the scaled error of a sum. */
export function sumQuantiles(
  { probabilities, horizons, historyDays, sums }: PooledErrors,
  historyLength: number,
  horizon: number,
  confidence: number,
): [low: number, high: number] {
  const byHorizon =
    sums[
      Math.max(
        0,
        historyDays.findLastIndex((days) => days <= historyLength),
      )
    ]!;
  const at = (probability: number): number =>
    interpolate(
      horizons.map(Math.log),
      byHorizon.map((quantiles) => interpolate(probabilities, quantiles, probability)),
      Math.log(horizon),
    );
  return [at((1 - confidence) / 2), at((1 + confidence) / 2)];
}

/** Lower and upper quantile of the scaled error of a single day. */
export const dayQuantiles = (
  { probabilities, days }: PooledErrors,
  confidence: number,
): [low: number, high: number] => [
  interpolate(probabilities, days, (1 - confidence) / 2),
  interpolate(probabilities, days, (1 + confidence) / 2),
];
