/** A number with its thousands grouped, as people read it. */
export const formatCount = (value: number): string => value.toLocaleString('en-US');

export const pluralize = (count: number, what: string): string =>
  `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
