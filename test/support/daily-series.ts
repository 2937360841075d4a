import type { DailySeries } from '../../src/forecast/types.ts';

/** A daily series: each value is a function of its day number, with a number of active charge points. */
export const dailySeries = (
  days: number,
  value: (day: number) => number,
  active: (day: number) => number = () => 1,
  name = '',
): DailySeries => ({
  name,
  firstDay: '2024-01-01',
  values: Array.from({ length: days }, (_, day) => value(day)),
  active: Array.from({ length: days }, (_, day) => active(day)),
});

/** Deterministic noise between -1 and 1. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 2_147_483_648 - 1;
  };
}

/**
 * Expected forecast with under 8 weeks of equal days: 30 days may be 0.4 · (1 + 0.1) = 44 % off, other horizons by the root of their
 * ratio; no low end is below that of fewer days.
 */
export function expectedRange(perDay: number, days: number): { value: number; low: number; high: number } {
  const margin = (horizon: number): number => 0.44 * Math.sqrt(horizon / 30) * perDay * horizon;
  const lows = Array.from({ length: days }, (_, at) => perDay * (at + 1) - margin(at + 1));
  return { value: perDay * days, low: Math.max(...lows), high: perDay * days + margin(days) };
}
