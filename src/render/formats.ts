import { plainLine } from '../text/plain-text.ts';
import type { Row } from '../warehouse/values.ts';
import { isNumeric, show, unitLabel, type ShownColumn } from './cells.ts';

export const formats = ['table', 'json', 'ndjson', 'csv', 'markdown'] as const;
export type Format = (typeof formats)[number];

const endings: Record<string, Format> = {
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  csv: 'csv',
  md: 'markdown',
  txt: 'table',
};

/** The format a file's name asks for. */
export const formatOf = (path: string): Format | undefined => endings[path.split('.').at(-1)?.toLowerCase() ?? ''];

/** One object a line. */
export const toNdjson = (columns: readonly ShownColumn[], rows: readonly Row[]): string =>
  rows
    .map((row) => `${JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])))}\n`)
    .join('');

export interface CsvOptions {
  /** Whether the names of the columns come first; true by default. */
  header?: boolean;
  /** Whether values that a spreadsheet runs as formulas are escaped. */
  safe?: boolean;
}

/** How values begin that a spreadsheet runs as formulas, as OWASP lists them. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;

/** RFC 4180 with plain numbers, in the same form in every locale. */
export async function toCsv(
  columns: readonly ShownColumn[],
  rows: readonly Row[],
  { header = true, safe = false }: CsvOptions = {},
): Promise<string> {
  const { stringify } = await import('csv-stringify/sync');
  const escaped = (text: string): string => (safe && formula.test(text) ? `'${text}` : text);
  const plain = rows.map((row) =>
    columns.map((column) => {
      const cell = row[column.name] ?? null;
      if (typeof cell === 'object' && cell !== null) return JSON.stringify(cell);
      return typeof cell === 'string' && !(isNumeric(column) && /^-?\d+$/.test(cell)) ? escaped(cell) : cell;
    }),
  );
  // csv-stringify's own escape_formulas leaves out line feeds, and numbers that are too large for JavaScript's.
  return stringify(plain, {
    header,
    columns: columns.map(({ name }) => ({ key: name, header: escaped(name) })),
    cast: { boolean: String },
    ...(safe ? { quoted_match: /^'/ } : {}),
  });
}

export function toMarkdown(
  columns: readonly ShownColumn[],
  rows: readonly Row[],
  currency: string | undefined,
): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  const head = columns.map((column) => {
    const unit = unitLabel(column, currency);
    const name = plainLine(column.name);
    return unit ? `${name} (${unit})` : name;
  });
  const rule = columns.map((column) => (isNumeric(column) ? '---:' : '---'));
  return (
    line(head) + line(rule) + rows.map((row) => line(columns.map((column) => show(row[column.name], column)))).join('')
  );
}
