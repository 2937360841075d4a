/** Holidays of a series: its values without them, and their share of a usual day. */
export interface Holidays {
  /** Daily values as if there were no holidays. */
  usual: Float64Array;
  /** Share of a usual day that a holiday has, from the holidays of the first days. */
  shareOf(days: number): number;
  /** Whether a day is a holiday, from the first day of the series on. */
  has(day: number): boolean;
}

/** Share of a usual day that a holiday has in other networks, and the number of own holidays that weigh as much (bench/forecast). */
const [pooledShare, pooledWeight] = [0.57, 4];
/** Maximum share of one holiday, so that it cannot decide alone. */
const maxShare = 2.5;
/** Earlier weeks whose same weekday gives the usual value of a holiday. */
const usualWeeks = 4;

/**
 * Replaces each holiday by the same weekday of the weeks before: later days would not be known to a forecast from between.
 * @param days holidays by number from the first day of the series, ascending; days of the forecast included
 */
export function replaceHolidays(values: Float64Array, days: readonly number[]): Holidays {
  const holidays = new Set(days);
  const usual = values.slice();
  const [shareSums, counts] = [new Float64Array(values.length + 1), new Uint32Array(values.length + 1)];
  for (const day of values.keys()) {
    const expected = holidays.has(day) ? usualValue(values, holidays, day) : undefined;
    if (expected !== undefined) usual[day] = expected;
    const counted = expected !== undefined && expected > 0;
    const share = counted ? Math.max(0, Math.min(maxShare, values[day]! / expected)) : 0;
    shareSums[day + 1] = shareSums[day]! + share;
    counts[day + 1] = counts[day]! + (counted ? 1 : 0);
  }
  return {
    usual,
    shareOf: (known) => (shareSums[known]! + pooledWeight * pooledShare) / (counts[known]! + pooledWeight),
    has: (day) => holidays.has(day),
  };
}

/** Weighted mean of the same weekday in the weeks before, the last one first; undefined without such a day. */
function usualValue(values: Float64Array, holidays: ReadonlySet<number>, day: number): number | undefined {
  let [sum, total] = [0, 0];
  for (let age = 1; age <= usualWeeks && day - 7 * age >= 0; age++) {
    const earlier = day - 7 * age;
    if (holidays.has(earlier)) continue;
    sum += values[earlier]! / age;
    total += 1 / age;
  }
  return total > 0 ? sum / total : undefined;
}

/** A forecast without holidays with them. @param days number of days before its first day */
export function withHolidays(path: Float64Array, holidays: Holidays | undefined, days: number): Float64Array {
  if (!holidays) return path;
  const share = holidays.shareOf(days);
  return path.map((value, day) => (holidays.has(days + day) ? value * share : value));
}
