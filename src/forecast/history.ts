import type { DailySeries } from './types.ts';

/** Fewest days a forecast is made from. */
export const fewestDays = 14;

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
const daysPerHighOne = 50;
/** How far above the highest of the others a day is believed. */
const believed = 3;

export function historyOf({ values: given, active }: DailySeries): History {
  const highest = Float64Array.from(given).sort().reverse();
  const second = highest[Math.max(1, Math.ceil(given.length / daysPerHighOne) - 1)] ?? 0;
  const most = second > 0 ? believed * second : Infinity;
  const values = Float64Array.from(given, (value) => (value > most ? second : value));
  // Who takes money has a charge point.
  const points = Float64Array.from(values, (value, day) => active[day]! || (value > 0 ? 1 : 0));
  const perPoint = values.map((value, day) => (points[day]! > 0 ? value / points[day]! : NaN));
  return { values, perPoint, active: points, outliers: given.filter((value) => value > most).length };
}

/** Mean of the values known in [from, to); 0 where none is. */
export function meanOf(values: Float64Array, from: number, to: number): number {
  let [sum, known] = [0, 0];
  for (let at = Math.max(0, from); at < to; at++) {
    if (Number.isNaN(values[at])) continue;
    sum += values[at]!;
    known += 1;
  }
  return known > 0 ? sum / known : 0;
}
