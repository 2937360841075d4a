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
