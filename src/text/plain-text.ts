/** Maximum characters of a value in a message. */
export const maxValueLength = 200;

/** More than 8 combining marks on one letter, which would cover the lines above and below. */
const combiningMarks = /(\p{M}{8})\p{M}+/gu;

/**
 * Invisible characters that control a terminal or reorder text: C0, C1 and DEL, directional marks, zero-width characters,
 * line separators, tags and lone surrogates. Emoji style selectors are kept.
 */
const invisibleCharacters =
  /(?!\n|\t|\uFE0E|\uFE0F)[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\u{FFF9}-\u{FFFB}]/gu;

/** A colour code as written by chalk. */
// oxlint-disable-next-line no-control-regex
const colourCode = /(\x1b\[\d{1,2}m)/;

/** Removes invisible characters from text for a terminal or a page; line feeds and tabs are kept. */
export const plainText = (text: string): string =>
  /^[\n\t -~]*$/.test(text) ? text : text.replaceAll(invisibleCharacters, '').replaceAll(combiningMarks, '$1');

/** Same as `plainText`, but keeps colour codes; the values in the text must have passed `plainLine`. */
export const colouredText = (text: string): string =>
  text
    .split(colourCode)
    .map((part, index) => (index % 2 === 0 ? plainText(part) : part))
    .join('');

/** Plain text in one line; line feeds become a visible arrow. */
export const plainLine = (text: string): string => plainText(text.replaceAll(/\r?\n/g, '↵').replaceAll('\t', ' '));

/** A value for a message: plain text, cut to the maximum length. */
export function clipValue(value: unknown): string {
  const text = String(value);
  // Only the part of a long text that could be shown is cleaned.
  const characters = [...plainText(text.slice(0, 4 * maxValueLength))];
  return characters.length > maxValueLength || text.length > 4 * maxValueLength
    ? `${characters.slice(0, maxValueLength - 1).join('')}…`
    : characters.join('');
}

/** Template tag that clips every value. */
export const clipped = (parts: TemplateStringsArray, ...values: readonly unknown[]): string =>
  parts.reduce((text, part, index) => text + clipValue(values[index - 1]) + part);

/** Shortens the message of a library, which may repeat long values; a long message keeps both ends. */
export function clipMessage(message: string): string {
  const shortened = message.replaceAll(
    /(["'`])([^"'`]{200,})\1/g,
    (_, quote: string, value: string) => quote + clipValue(value) + quote,
  );
  if (shortened.length <= 2 * maxValueLength) return shortened;
  return `${shortened.slice(0, maxValueLength / 2)} … ${shortened.slice(-maxValueLength / 2 + 1)}`;
}
