import { WattduckError } from '../../errors/wattduck-error.ts';

/** Maximum bytes of a value of fixed size, as text. */
export const smallValueBytes = 64;

/** An upper bound for one value of an expression. */
export interface Size {
  /** Infinity if an aggregate collects every row. */
  bytes: number;
  /** Of a list: bytes of its largest element, and the maximum number of elements. */
  element?: number;
  count?: number;
  /** Number of expressions after aliases and macros are expanded. */
  expressions: number;
}

export const makeSize = (bytes: number, expressions = 1): Size => ({ bytes: Math.max(bytes, 16), expressions });

/** Maximum number of elements of a list. */
export const maxElements = ({ bytes, count }: Size): number => count ?? Math.max(1, bytes / 16);

export const unboundedError = (operation: string): WattduckError => new WattduckError('unbounded_value', { operation });
