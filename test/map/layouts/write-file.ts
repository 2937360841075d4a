import type { Column, FileStyle } from './layout.ts';
import type { Random } from './random.ts';

/** Windows-1252 differs from Latin-1 in these characters. */
const windowsCharacters: Readonly<Record<string, number>> = { '€': 0x80, '–': 0x96, '’': 0x92 };

function encode(text: string, encoding: FileStyle['encoding']): Buffer {
  if (encoding === 'utf-8-bom') return Buffer.from(`\uFEFF${text}`, 'utf8');
  if (encoding === 'utf-16') return Buffer.from(`\uFEFF${text}`, 'utf16le');
  if (encoding !== 'windows-1252') return Buffer.from(text, 'utf8');
  return Buffer.from([...text].map((character) => windowsCharacters[character] ?? character.codePointAt(0)!));
}

/** Writes rows as a table: titles, header, rows with filler among them, and the total. */
export function writeFile<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  style: FileStyle,
  random: Random,
  sum?: Row,
): Buffer {
  const { delimiter, titles = [], lineEnd = '\n' } = style;
  const cell = (text: string): string =>
    style.isQuoted || text.includes(delimiter) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text;
  const line = (cells: readonly string[]): string => cells.map(cell).join(delimiter);
  const header = line(columns.map((each) => each.header));
  const lines = rows.map((row) => line(columns.map(({ write }) => write(row))));
  const insert = (text: string, count = 0): void => {
    for (let i = 0; i < count; i += 1) lines.splice(random.integer(5, lines.length - 5), 0, text);
  };
  insert(line(columns.map(() => '')), style.blankRows);
  insert(line(columns.map(() => '#N/A')), style.missingRows);
  insert(header, style.repeatedHeaders);
  if (style.total !== undefined && sum !== undefined) {
    const cells = columns.map(({ isSummed, write }) => (isSummed ? write(sum) : ''));
    const place = cells.indexOf('');
    lines.push(line(cells.map((text, at) => (at === place ? style.total! : text))));
  }
  return encode([...titles, header, ...lines, ''].join(lineEnd), style.encoding);
}
