import { plainLine } from '../../text/plain-text.ts';

/** Max characters of a note before it is encoded: clients limit the size of all headers. */
const maxNoteLength = 1000;

/** The header with the notes of a report, such as why a forecast is empty. */
export const noteHeaderName = 'wattduck-note';

/** Notes as one line of ASCII: other characters, and `%`, are percent-encoded. Undefined without notes. */
export function encodeNotes(notes: readonly string[]): string | undefined {
  if (notes.length === 0) return undefined;
  const characters = [...plainLine(notes.join('; '))];
  const line =
    characters.length > maxNoteLength ? `${characters.slice(0, maxNoteLength - 1).join('')}…` : characters.join('');
  return line.replaceAll(/[^ -~]|%/gu, encodeURIComponent);
}
