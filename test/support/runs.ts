/** True when tests run at full strength: `npm run test:long` and `npm run test:all`. */
export const isFull = process.env['WATTDUCK_TEST'] === 'full';

/** Number of random runs: all in a full run, else a tenth, but at least five. */
export const runs = (count: number): number => (isFull ? count : Math.max(5, Math.ceil(count / 10)));

/** How often something must occur in random runs: `count` in a full run, else a twentieth of it. */
export const minCount = (count: number): number => (isFull ? count : Math.floor(count / 20));

/** The cases of a long table: all in a full run, else every n-th, spread over the table so that it is about `max`. */
export function sample<T>(cases: readonly T[], max = 10): T[] {
  const step = isFull ? 1 : Math.ceil(cases.length / max);
  return cases.filter((_, at) => at % step === 0);
}
