/** A number with its thousands grouped, as people read it. */
export const n = (value: number): string => value.toLocaleString('en-US');

export const many = (count: number, what: string): string => `${n(count)} ${what}${count === 1 ? '' : 's'}`;
