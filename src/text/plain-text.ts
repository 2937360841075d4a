/** Most characters of a value that a message repeats. */
export const maxValueLength = 200;

/** Most marks that may stand on one letter: more of them would cover the lines above and below. */
const combiningMarks = /(\p{M}{8})\p{M}+/gu;

/**
 * Characters that no one sees, and that control a terminal or change the order of what is read: C0, C1 and DEL, directional marks,
 * zero-width characters, line separators, tags, lone surrogates. Selectors of emoji styles stay.
 */
const invisibleCharacters =
  /(?!\n|\t|\uFE0E|\uFE0F)[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\u{FFF9}-\u{FFFB}]/gu;

/** The colours of this program, as chalk writes them. */
// oxlint-disable-next-line no-control-regex
const colourCode = /(\x1b\[\d{1,2}m)/;

/** The one way of text from elsewhere to a terminal or a page: without any character that is not seen. Line feeds and tabs stay. */
export const plainText = (text: string): string =>
  /^[\n\t -~]*$/.test(text) ? text : text.replaceAll(invisibleCharacters, '').replaceAll(combiningMarks, '$1');

/** The same for text with colours, whose values have been through `plainLine`. */
export const colouredText = (text: string): string =>
  text
    .split(colourCode)
    .map((part, index) => (index % 2 === 0 ? plainText(part) : part))
    .join('');

/** Text that stays in its line: a line feed in it is shown. */
export const plainLine = (text: string): string => plainText(text.replaceAll(/\r?\n/g, '↵').replaceAll('\t', ' '));

/** A value from elsewhere as a message repeats it: where it is long, its beginning alone. */
export function clipValue(value: unknown): string {
  const text = String(value);
  // Of a long text no more is looked at than could be shown.
  const characters = [...plainText(text.slice(0, 4 * maxValueLength))];
  return characters.length > maxValueLength || text.length > 4 * maxValueLength
    ? `${characters.slice(0, maxValueLength - 1).join('')}…`
    : characters.join('');
}

/** Tags the template of a message: every value in it is clipped. */
export const clipped = (parts: TemplateStringsArray, ...values: readonly unknown[]): string =>
  parts.reduce((text, part, index) => text + clipValue(values[index - 1]) + part);

/** A message of a library, which may repeat any value: one that is long keeps its ends. */
export function clipMessage(message: string): string {
  const shortened = message.replaceAll(
    /(["'`])([^"'`]{200,})\1/g,
    (_, quote: string, value: string) => quote + clipValue(value) + quote,
  );
  if (shortened.length <= 2 * maxValueLength) return shortened;
  return `${shortened.slice(0, maxValueLength / 2)} … ${shortened.slice(-maxValueLength / 2 + 1)}`;
}
