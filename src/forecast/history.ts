import type { DailySeries } from './types.ts';

/** Fewest days a forecast is made from. */
export const minHistoryDays = 14;

/** A series as models read it. */
export interface History {
  /** A day far above all others is taken for less. */
  values: Float64Array;
  /** Each day's value over the charge points active; NaN where none was. */
  perPoint: Float64Array;
  /** Charge points active. */
  active: Float64Array;
  /** Days that were taken for less. */
  outliers: number;
}

/** Of so many days one may be high without being far above the others. */
const daysPerPeak = 50;
/** How far above the highest of the others a day is believed. */
const outlierFactor = 3;

export function historyOf({ values: rawValues, active }: DailySeries): History {
  const descending = Float64Array.from(rawValues).sort().reverse();
  const reference = descending[Math.max(1, Math.ceil(rawValues.length / daysPerPeak) - 1)] ?? 0;
  const limit = reference > 0 ? outlierFactor * reference : Infinity;
  const values = Float64Array.from(rawValues, (value) => (value > limit ? reference : value));
  // Who takes money has a charge point.
  const activePoints = Float64Array.from(values, (value, day) => active[day]! || (value > 0 ? 1 : 0));
  const perPoint = values.map((value, day) => (activePoints[day]! > 0 ? value / activePoints[day]! : NaN));
  return { values, perPoint, active: activePoints, outliers: rawValues.filter((value) => value > limit).length };
}

/** Mean of the values known in [from, to); 0 where none is. */
export function meanOf(values: Float64Array, from: number, to: number): number {
  let [sum, count] = [0, 0];
  for (let at = Math.max(0, from); at < to; at++) {
    if (Number.isNaN(values[at])) continue;
    sum += values[at]!;
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}
