import { closest, distance } from 'fastest-levenshtein';
import { maxRepeated } from './plain-text.ts';

/** The nearest of `known` to a misspelt `name`, if any begins with it or is near enough to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  // To compare what is far too long takes long, and finds nothing.
  if (known.length === 0 || name.length > maxRepeated) return undefined;
  const lower = known.map((each) => each.toLowerCase());
  const begun = lower.findIndex((each) => name.length > 2 && each.startsWith(name.toLowerCase()));
  if (begun >= 0) return known[begun];
  const found = closest(name.toLowerCase(), lower);
  return distance(name.toLowerCase(), found) <= Math.max(2, Math.floor(name.length / 3))
    ? known[lower.indexOf(found)]
    : undefined;
}

/** `Did you mean "x"?` or, when nothing is near, the whole list. */
export function suggest(name: string, known: readonly string[], all = 'Known'): string {
  const near = nearest(name, known);
  return near ? `Did you mean ${near}?` : `${all}: ${known.join(', ')}.`;
}

/** A report's or parameter's name as the command line writes it. */
export const dashed = (name: string): string => name.replaceAll('_', '-');

export const underscored = (name: string): string => name.replaceAll('-', '_');

/** A header without case, blanks and punctuation, so that `Energy (kWh)` and `energy_kwh` meet. */
export const plain = (header: string): string => header.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
