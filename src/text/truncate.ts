import cliTruncate, { type Options } from 'cli-truncate';
import stringWidth from 'string-width';

/** Cuts a text to a number of terminal columns, with `…` for the part left out. */
export function truncate(text: string, columns: number, position: Options['position'] = 'end'): string {
  let cut = text;
  // cli-truncate keeps a wide character that crosses the limit.
  for (let max = columns; max > 0 && stringWidth(cut) > columns; max -= 1) cut = cliTruncate(text, max, { position });
  return cut;
}
