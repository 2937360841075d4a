const week = 7;

/** Index of a day in the week, where 0 is the first forecast day. */
const weekdayIndex = (day: number, days: number): number => (((day - days) % week) + week) % week;

/**
 * Mean of each weekday relative to the mean day, over the last weeks.
 * @param days number of days to use of the values; NaN is skipped
 * @returns seven shares, starting with the weekday of the first forecast day
 */
export function weekdayShares(values: Float64Array, days: number, weeks: number): Float64Array {
  const [sums, counts] = [new Float64Array(week), new Float64Array(week)];
  for (let day = Math.max(0, days - weeks * week); day < days; day++) {
    if (Number.isNaN(values[day])) continue;
    sums[weekdayIndex(day, days)]! += values[day]!;
    counts[weekdayIndex(day, days)]! += 1;
  }
  const means = sums.map((sum, place) => (counts[place]! > 0 ? Math.max(0, sum / counts[place]!) : NaN));
  const knownMeans = means.filter((mean) => !Number.isNaN(mean));
  const mean = knownMeans.reduce((sum, each) => sum + each, 0) / knownMeans.length;
  return means.map((each) => (mean > 0 && !Number.isNaN(each) ? each / mean : 1));
}

/** Daily values from a level, which may change, and weekday shares. */
export const spreadByWeekday = (horizon: number, level: (day: number) => number, shares: Float64Array): Float64Array =>
  Float64Array.from({ length: horizon }, (_, day) => Math.max(0, level(day)) * shares[day % week]!);

/**
 * Simple exponential smoothing of the values divided by their weekday shares: r' = r + a (x - r).
 * @returns the last level
 */
export function smoothedLevel(values: Float64Array, days: number, shares: Float64Array, alpha: number): number {
  // Earlier days have a weight below 0.00001.
  const from = Math.max(0, days - Math.ceil(Math.log(1e-5) / Math.log(1 - alpha)));
  let level = NaN;
  for (let day = from; day < days; day++) {
    const value = values[day]! / shares[weekdayIndex(day, days)]!;
    if (Number.isFinite(value)) level = Number.isNaN(level) ? value : level + alpha * (value - level);
  }
  return Number.isNaN(level) ? 0 : level;
}

/** Means of groups of whole weeks up to the last day, latest last; a group without values repeats the one before. */
export function weeklyMeans(values: Float64Array, days: number, maxCount: number, weeks = 1): Float64Array {
  const span = weeks * week;
  const means = new Float64Array(Math.min(maxCount, Math.floor(days / span)));
  for (const at of means.keys()) {
    const from = days - (means.length - at) * span;
    const knownValues = values.subarray(from, from + span).filter((value) => !Number.isNaN(value));
    means[at] =
      knownValues.length > 0
        ? knownValues.reduce((sum, each) => sum + each, 0) / knownValues.length
        : (means[at - 1] ?? 0);
  }
  return means;
}

/** Slope per value of the least-squares line; 0 for a single value. */
export function slopeOf(values: Float64Array): number {
  const middle = (values.length - 1) / 2;
  let [covariance, variance] = [0, 0];
  for (const [at, value] of values.entries()) {
    covariance += (at - middle) * value;
    variance += (at - middle) ** 2;
  }
  return variance > 0 ? covariance / variance : 0;
}
