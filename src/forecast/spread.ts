import type { Features } from './features.ts';

/**
 * Spread of the logarithmic errors of a sum, from features of the history: the variance of 60 days, of noise (see
 * {@link Features}), of growth and of a short history. Fitted to many networks (bench/forecast).
 */
const variance = { base: 0.016, noise: 2.5, growth: 0.08, history: 0.02 };
/** Noise below which a series counts as regular, so that a constant has no spread. */
const regularNoise = 0.002;
const [baseDays, growthDays] = [60, 182];
const maxSpread = 1;
/** Maximum variance without noise by which a forecast is shifted from the median of its distribution to the mean. */
const maxShift = 0.05;

/** Variance of the level of a sum: without noise, which evens out. */
function levelVariance({ growth, days }: Features, horizon: number): number {
  const length = horizon / baseDays;
  return (
    variance.base * length +
    variance.growth * (growthDays * growth) ** 2 * length +
    (variance.history * length * baseDays) / days
  );
}

/** Expected spread of the sum over a horizon, as a standard deviation of logarithms. */
export const expectedSpread = (features: Features, horizon: number): number =>
  Math.min(
    maxSpread,
    Math.sqrt(levelVariance(features, horizon) + variance.noise * features.noise ** 2 * (0.5 + 14 / horizon)),
  );

/** Share of the expected spread that applies: 0 for a series that repeats each week exactly. */
export const irregularity = ({ noise }: Features): number => noise / (noise + regularNoise);

/** Factor of a forecast day that moves a sum from the median to the mean, as networks grow more often than they shrink. @param day from 0 on */
export const meanFactor = (features: Features, day: number): number =>
  Math.exp(
    irregularity(features) *
      // A sum over a horizon has the variance of its middle day, so this day has that of twice as many days.
      Math.min(maxShift, levelVariance(features, 2 * (day + 1))),
  );
