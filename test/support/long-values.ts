/** Max characters of a value that a message repeats, with an ellipsis after them. */
const maxRepeated = 200;

/** Values of 100 KB, each one repeated pattern. */
export const longValues = ['q', '9', `a'b`, 'c"d', 'x=y ', 'k.l,', 'é→'].map((pattern) => ({
  pattern,
  value: pattern.repeat(Math.ceil(100_000 / pattern.length)),
}));

/** Whether a text has more of a value than a message may repeat. */
export function repeatsTooMuch(text: string, pattern: string): boolean {
  const tooLong = pattern.repeat(Math.ceil((maxRepeated + 1) / pattern.length) + 1);
  return [...pattern].some((_, from) => text.includes(tooLong.slice(from, from + maxRepeated + 1)));
}
