/** One piece of a pattern: a set in brackets, or a character. A bracket that is never closed stands for itself. */
const tokens = /\[[!^]?\]?[^\]]*\]|[\s\S]/gu;

/**
 * The pattern of one part of a path as a regular expression: `*`, `?`, `[a-z]` and `[!a-z]` as in a shell. Every other character stands
 * for itself; names that begin with a dot are matched by a pattern that begins with one.
 */
export function partPattern(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*+/g, '*').replaceAll(tokens, (token) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    if (token.length > 1 && token.startsWith('[')) return characterClass(token.slice(1, -1));
    return escapeCharacter(token);
  });
  return new RegExp(`^${pattern.startsWith('.') ? '' : '(?!\\.)'}${source}$`, 'su');
}

function characterClass(characters: string): string {
  const isNegated = /^[!^]/.test(characters);
  const members = [...(isNegated ? characters.slice(1) : characters)]
    .map((each) => (each === '-' ? each : escapeCharacter(each)))
    .join('');
  return `[${isNegated ? '^' : ''}${members.replaceAll(/^-|-$/g, '\\-')}]`;
}

const escapeCharacter = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
