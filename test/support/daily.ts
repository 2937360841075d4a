import type { DailySeries } from '../../src/forecast/types.ts';

/** A series of so many days, of which each is a function of its number, with so many charge points active. */
export const daily = (days: number, value: (day: number) => number, active: (day: number) => number = () => 1, name = ''): DailySeries => ({
  name,
  firstDay: '2024-01-01',
  values: Array.from({ length: days }, (_, day) => value(day)),
  active: Array.from({ length: days }, (_, day) => active(day)),
});

/** Noise between -1 and 1, the same each time. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 2_147_483_648 - 1;
  };
}
