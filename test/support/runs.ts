/** True for full test runs, false for quick ones. */
export const isFull = process.env['WATTDUCK_TEST'] === 'full';

/** Number of random runs: all in a full run, else a tenth, but at least five. */
export const runs = (count: number): number => (isFull ? count : Math.max(5, Math.ceil(count / 10)));
