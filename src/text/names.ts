import { closest, distance } from 'fastest-levenshtein';
import { maxValueLength } from './plain-text.ts';

/** The known name nearest to a misspelt one, if any starts with it or differs by few characters. */
export function findNearest(name: string, known: readonly string[]): string | undefined {
  // Comparing a very long name is slow and finds nothing.
  if (known.length === 0 || name.length > maxValueLength) return undefined;
  const lower = known.map((candidate) => candidate.toLowerCase());
  const prefixMatch = lower.findIndex((candidate) => name.length > 2 && candidate.startsWith(name.toLowerCase()));
  if (prefixMatch >= 0) return known[prefixMatch];
  const found = closest(name.toLowerCase(), lower);
  return distance(name.toLowerCase(), found) <= Math.max(2, Math.floor(name.length / 3))
    ? known[lower.indexOf(found)]
    : undefined;
}

/** The known names nearest to a misspelt one, best first: by the edit distance of the name or of one of its words. */
function nearestNames(name: string, known: readonly string[], count: number): string[] {
  const typed = name.toLowerCase().slice(0, maxValueLength);
  const edits = (candidate: string): number => {
    const lower = candidate.toLowerCase();
    if (lower.startsWith(typed)) return 0;
    const ofWord = Math.min(...lower.split(/[-_]/).map((word) => distance(typed, word))) + 0.5;
    return Math.min(distance(typed, lower), ofWord);
  };
  return known
    .map((candidate) => ({ candidate, edits: edits(candidate) }))
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** `Did you mean a, b or c?`, with the three nearest names. */
export const suggestThree = (name: string, known: readonly string[]): string =>
  known.length === 0
    ? ''
    : `Did you mean ${nearestNames(name, known, 3)
        .join(', ')
        .replace(/, ([^,]*)$/, ' or $1')}?`;

/** The known name that differs from a name by few characters, other than case and punctuation. */
export function findSimilar(name: string, known: readonly string[]): string | undefined {
  const normalized = normalizeHeader(name);
  if (normalized.length < 3 || name.length > maxValueLength) return undefined;
  const found = known
    .filter((candidate) => candidate.length <= maxValueLength)
    .map((candidate) => ({ candidate, edits: distance(normalized, normalizeHeader(candidate)) }))
    .toSorted((a, b) => a.edits - b.edits)[0];
  return found && found.edits <= Math.max(1, Math.floor(normalized.length / 4)) ? found.candidate : undefined;
}

/** `Did you mean x?`, or the list of all names if none is near. */
export function suggest(name: string, known: readonly string[], listLabel = 'Known'): string {
  const match = findNearest(name, known);
  return match ? `Did you mean ${match}?` : `${listLabel}: ${known.join(', ')}.`;
}

/** The option of a value that commander parsed, such as `csv-safe` for `csvSafe`. */
export const toOptionName = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Name of a report or parameter on the command line. */
export const toKebabCase = (name: string): string => name.replaceAll('_', '-');

export const toSnakeCase = (name: string): string => name.replaceAll('-', '_');

/** Lower-cases a header and removes spaces and punctuation, so that `Energy (kWh)` matches `energy_kwh`. */
export const normalizeHeader = (header: string): string => header.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
