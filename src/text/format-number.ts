/** Formats a number with grouped thousands: 1,234. */
export const formatCount = (value: number): string => value.toLocaleString('en-US');

/** A count with its noun: `1 row`, `2 rows`. */
export const pluralize = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

/** A size in megabytes: 12.3 MB. */
export const formatSize = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** A share from 0 to 1 in percent, with two significant digits: 2.4 %. */
export const formatShare = (share: number): string =>
  `${(share * 100).toLocaleString('en-US', { maximumSignificantDigits: 2 })} %`;
