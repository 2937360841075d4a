/** Formats a number with grouped thousands: 1,234. */
export const formatCount = (value: number): string => value.toLocaleString('en-US');

/** A count with its noun: `1 row`, `2 rows`. */
export const pluralize = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
