/** One piece of a pattern: a set in brackets, or a character. A bracket that is never closed stands for itself. */
const pieces = /\[[!^]?\]?[^\]]*\]|[\s\S]/gu;

/**
 * The pattern of one part of a path as a regular expression: `*`, `?`, `[a-z]` and `[!a-z]` as in a shell. Every other character stands
 * for itself; names that begin with a dot are matched by a pattern that begins with one.
 */
export function partPattern(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*+/g, '*').replaceAll(pieces, (piece) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    if (piece.length > 1 && piece.startsWith('[')) return set(piece.slice(1, -1));
    return escaped(piece);
  });
  return new RegExp(`^${pattern.startsWith('.') ? '' : '(?!\\.)'}${source}$`, 'su');
}

function set(characters: string): string {
  const isNegated = /^[!^]/.test(characters);
  const members = [...(isNegated ? characters.slice(1) : characters)]
    .map((each) => (each === '-' ? each : escaped(each)))
    .join('');
  return `[${isNegated ? '^' : ''}${members.replaceAll(/^-|-$/g, '\\-')}]`;
}

const escaped = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
