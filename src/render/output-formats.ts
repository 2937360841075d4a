import { markdownTable } from '../text/markdown-table.ts';
import { plainLine } from '../text/plain-text.ts';
import type { Row } from '../warehouse/values.ts';
import { formatCell, isNumeric, unitLabel, type DisplayColumn } from './cells.ts';

export const formats = ['table', 'json', 'ndjson', 'csv', 'markdown'] as const;
export type OutputFormat = (typeof formats)[number];

const formatByExtension: Record<string, OutputFormat> = {
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  csv: 'csv',
  md: 'markdown',
  txt: 'table',
};

/** The format a file's name asks for. */
export const formatForPath = (path: string): OutputFormat | undefined =>
  formatByExtension[path.split('.').at(-1)?.toLowerCase() ?? ''];

/** One object a line. */
export const toNdjson = (columns: readonly DisplayColumn[], rows: readonly Row[]): string =>
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
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/;

/** RFC 4180 with plain numbers, in the same form in every locale. */
export async function toCsv(
  columns: readonly DisplayColumn[],
  rows: readonly Row[],
  { header = true, safe = false }: CsvOptions = {},
): Promise<string> {
  const { stringify } = await import('csv-stringify/sync');
  const escapeFormula = (text: string): string => (safe && formulaStart.test(text) ? `'${text}` : text);
  const csvRows = rows.map((row) =>
    columns.map((column) => {
      const cell = row[column.name] ?? null;
      if (typeof cell === 'object' && cell !== null) return JSON.stringify(cell);
      return typeof cell === 'string' && !(isNumeric(column) && /^-?\d+$/.test(cell)) ? escapeFormula(cell) : cell;
    }),
  );
  // csv-stringify's own escape_formulas leaves out line feeds, and numbers that are too large for JavaScript's.
  return stringify(csvRows, {
    header,
    columns: columns.map(({ name }) => ({ key: name, header: escapeFormula(name) })),
    cast: { boolean: String },
    ...(safe ? { quoted_match: /^'/ } : {}),
  });
}

export function toMarkdown(
  columns: readonly DisplayColumn[],
  rows: readonly Row[],
  currency: string | undefined,
): string {
  const header = columns.map((column) => {
    const unit = unitLabel(column, currency);
    const name = plainLine(column.name);
    return unit ? `${name} (${unit})` : name;
  });
  const cells = rows.map((row) => columns.map((column) => formatCell(row[column.name], column)));
  return `${markdownTable(header, cells, (column) => isNumeric(columns[column]!))}\n`;
}
