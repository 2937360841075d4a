import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipped } from '../../text/plain-text.ts';

/** Bytes of a value of fixed size, when written as text. */
export const smallValueBytes = 64;

/** An upper bound for one value of an expression. */
export interface Size {
  /** Infinity where an aggregate collects as many rows as there are. */
  bytes: number;
  /** Of a list: bytes of its largest element, and how many there are at most. */
  element?: number;
  count?: number;
  /** Expressions there are once aliases and macros are written out. */
  expressions: number;
}

export const makeSize = (bytes: number, expressions = 1): Size => ({ bytes: Math.max(bytes, 16), expressions });

/** How many elements a list has at most. */
export const maxElements = ({ bytes, count }: Size): number => count ?? Math.max(1, bytes / 16);

export const unboundedError = (what: string): WattduckError =>
  new WattduckError(
    'usage',
    clipped`${what} is not accepted on the result of list(), string_agg() or the like`,
    'Select that result as it is, or its length; list(x order by x) and list(distinct x) sort and filter it.',
  );
