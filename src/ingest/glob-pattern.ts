/** One token of a pattern: a bracketed set or a character. An unclosed bracket is a literal character. */
const tokens = /\[[!^]?\]?[^\]]*\]|[\s\S]/gu;

/**
 * The glob pattern of one path segment as a regular expression: `*`, `?`, `[a-z]` and `[!a-z]` work as in a shell. Every other
 * character is literal; only a pattern that begins with a dot matches names that do.
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
