import { replaceHolidays, type Holidays } from './holidays.ts';
import type { DailySeries } from './types.ts';

/** Minimum days of history for a forecast. */
export const minHistoryDays = 14;

/** A series prepared for the models. */
export interface History {
  /** Daily values, with outliers reduced and holidays replaced by usual days. */
  values: Float64Array;
  /** Daily values with their holidays, to compare forecasts with. */
  observed: Float64Array;
  /** Undefined if holidays do not count. */
  holidays: Holidays | undefined;
  /** Daily values per active charge point; NaN without any. */
  perPoint: Float64Array;
  /** Number of active charge points by day. */
  active: Float64Array;
  /** Number of outliers that were reduced. */
  outliers: number;
}

/** Days for which a charge point counts as active after a session. */
const activeWindow = 28;
/** One day in this many may be a peak; an outlier is measured against the highest day after the peaks. */
const daysPerPeak = 50;
/** A value above this many times the reference is an outlier. */
const outlierFactor = 3;

export function historyOf({ values: rawValues, active, holidays: days }: DailySeries): History {
  const descending = Float64Array.from(rawValues).sort().reverse();
  const reference = descending[Math.max(1, Math.ceil(rawValues.length / daysPerPeak) - 1)] ?? 0;
  const limit = reference > 0 ? outlierFactor * reference : Infinity;
  const observed = Float64Array.from(rawValues, (value) => (value > limit ? reference : value));
  const holidays = days && replaceHolidays(observed, days);
  const values = holidays?.usual ?? observed;
  // A day with activity has at least one charge point.
  const activePoints = Float64Array.from(observed, (value, day) => active[day]! || (value > 0 ? 1 : 0));
  fillFirstWindow(activePoints);
  const perPoint = values.map((value, day) => (activePoints[day]! > 0 ? value / activePoints[day]! : NaN));
  return {
    values,
    observed,
    holidays,
    perPoint,
    active: activePoints,
    outliers: rawValues.filter((value) => value > limit).length,
  };
}

/** Raises the counts of the first days: a charge point that is used every few weeks appears late in the first window. */
function fillFirstWindow(activePoints: Float64Array): void {
  const firstFull = activePoints[activeWindow - 1] ?? 0;
  for (let day = 0; day < Math.min(activeWindow, activePoints.length) - 1; day++)
    if (activePoints[day]! > 0) activePoints[day] = Math.max(activePoints[day]!, firstFull);
}

/** Mean of the values in [from, to) that are not NaN; 0 if all are. */
export function meanOf(values: Float64Array, from: number, to: number): number {
  let [sum, count] = [0, 0];
  for (let at = Math.max(0, from); at < to; at++) {
    if (Number.isNaN(values[at])) continue;
    sum += values[at]!;
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}
