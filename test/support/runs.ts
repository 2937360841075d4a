/** True where tests run as long as they can, rather than as short as a change needs. */
export const isFull = process.env['WATTDUCK_TEST'] === 'full';

/** How often to repeat something random: all of it in a full run, else a tenth, but at least five times. */
export const runs = (count: number): number => (isFull ? count : Math.max(5, Math.ceil(count / 10)));
