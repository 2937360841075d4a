import { closest, distance } from 'fastest-levenshtein';
import { maxValueLength } from './plain-text.ts';

/** The nearest of `known` to a misspelt `name`, if any begins with it or is near enough to be meant. */
export function findNearest(name: string, known: readonly string[]): string | undefined {
  // To compare what is far too long takes long, and finds nothing.
  if (known.length === 0 || name.length > maxValueLength) return undefined;
  const lower = known.map((candidate) => candidate.toLowerCase());
  const prefixMatch = lower.findIndex((candidate) => name.length > 2 && candidate.startsWith(name.toLowerCase()));
  if (prefixMatch >= 0) return known[prefixMatch];
  const found = closest(name.toLowerCase(), lower);
  return distance(name.toLowerCase(), found) <= Math.max(2, Math.floor(name.length / 3))
    ? known[lower.indexOf(found)]
    : undefined;
}

/** `Did you mean "x"?` or, when nothing is near, the whole list. */
export function suggest(name: string, known: readonly string[], listLabel = 'Known'): string {
  const match = findNearest(name, known);
  return match ? `Did you mean ${match}?` : `${listLabel}: ${known.join(', ')}.`;
}

/** A report's or parameter's name as the command line writes it. */
export const toKebabCase = (name: string): string => name.replaceAll('_', '-');

export const toSnakeCase = (name: string): string => name.replaceAll('-', '_');

/** A header without case, blanks and punctuation, so that `Energy (kWh)` and `energy_kwh` meet. */
export const normalizeHeader = (header: string): string => header.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
