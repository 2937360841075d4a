const week = 7;

/** Where in the week a day lies, counted from the first day to come. */
const weekdayIndex = (day: number, days: number): number => (((day - days) % week) + week) % week;

/**
 * How much of a mean day each day of the week is, from the last weeks known.
 * @param days how many days are known; NaN among them are passed over
 * @returns seven shares, that of the first day to come first
 */
export function weekdayShares(values: Float64Array, days: number, weeks: number): Float64Array {
  const [sums, known] = [new Float64Array(week), new Float64Array(week)];
  for (let day = Math.max(0, days - weeks * week); day < days; day++) {
    if (Number.isNaN(values[day])) continue;
    sums[weekdayIndex(day, days)]! += values[day]!;
    known[weekdayIndex(day, days)]! += 1;
  }
  const means = sums.map((sum, place) => (known[place]! > 0 ? Math.max(0, sum / known[place]!) : NaN));
  const knownMeans = means.filter((mean) => !Number.isNaN(mean));
  const mean = knownMeans.reduce((sum, each) => sum + each, 0) / knownMeans.length;
  return means.map((each) => (mean > 0 && !Number.isNaN(each) ? each / mean : 1));
}

/** Days of which each has its weekday's share of a level that may change. */
export const spreadByWeekday = (horizon: number, level: (day: number) => number, shares: Float64Array): Float64Array =>
  Float64Array.from({ length: horizon }, (_, day) => Math.max(0, level(day)) * shares[day % week]!);

/**
 * Simple exponential smoothing of what is left of each day without its weekday: r' = r + a (x - r).
 * @returns the level at the end
 */
export function smoothedLevel(values: Float64Array, days: number, shares: Float64Array, alpha: number): number {
  // What lies further back weighs less than a hundred-thousandth.
  const from = Math.max(0, days - Math.ceil(Math.log(1e-5) / Math.log(1 - alpha)));
  let level = NaN;
  for (let day = from; day < days; day++) {
    const value = values[day]! / shares[weekdayIndex(day, days)]!;
    if (Number.isFinite(value)) level = Number.isNaN(level) ? value : level + alpha * (value - level);
  }
  return Number.isNaN(level) ? 0 : level;
}

/** Means of so many whole weeks each, up to the last day known, the latest last; what has no value is as the one before. */
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

/** Slope of the line with the least squares, from each value to the next; 0 of a single one. */
export function slopeOf(values: Float64Array): number {
  const middle = (values.length - 1) / 2;
  let [covariance, variance] = [0, 0];
  for (const [at, value] of values.entries()) {
    covariance += (at - middle) * value;
    variance += (at - middle) ** 2;
  }
  return variance > 0 ? covariance / variance : 0;
}
