import type { DecimalMark } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { markdownTable } from '../text/markdown-table.ts';
import { suggest } from '../text/names.ts';
import type { Row } from '../warehouse/values.ts';
import { formatCell, heading, isNumeric, type DisplayColumn } from './cells.ts';

export const formats = [
  'table',
  'record',
  'json',
  'ndjson',
  'csv',
  'tsv',
  'markdown',
  'html',
  'xlsx',
  'parquet',
] as const;
export type OutputFormat = (typeof formats)[number];

/** Formats of an exported file. */
export const exportFormats = ['csv', 'tsv', 'json', 'ndjson', 'html', 'xlsx', 'parquet'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const formatByExtension: Record<string, OutputFormat> = {
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  csv: 'csv',
  tsv: 'tsv',
  md: 'markdown',
  txt: 'table',
  html: 'html',
  xlsx: 'xlsx',
  parquet: 'parquet',
};

/** The extension of a file in lower case, without its dot; undefined if it has none. */
const extensionOf = (path: string): string | undefined => /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase();

/** The output format for the extension of a file; undefined for a file without one, and for a picture. */
export const formatForPath = (path: string): OutputFormat | undefined => formatByExtension[extensionOf(path) ?? ''];

/** @throws WattduckError (unknown_extension) for a file whose extension names no format */
export function assertKnownExtension(path: string): void {
  const extension = extensionOf(path);
  if (extension === undefined || isSvgPath(path) || formatByExtension[extension] !== undefined) return;
  const known = [...Object.keys(formatByExtension), 'svg'].map((each) => `.${each}`);
  throw new WattduckError('unknown_extension', { path, extension: `.${extension}`, known: known.join(', ') });
}

/** Whether the extension of a file names a format. */
export const hasKnownExtension = (path: string): boolean => formatForPath(path) !== undefined || isSvgPath(path);

/** Whether a file of this name is a picture. */
export const isSvgPath = (path: string): boolean => /\.svg$/i.test(path);

/** One JSON object per line. */
export const toNdjson = (columns: readonly DisplayColumn[], rows: readonly Row[]): string =>
  rows
    .map((row) => `${JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])))}\n`)
    .join('');

/** How a spreadsheet program in a country reads CSV: what separates values, and the decimal mark. */
interface CsvDialect {
  delimiter: string;
  decimalMark: DecimalMark;
}

const [american, continental]: CsvDialect[] = [
  { delimiter: ',', decimalMark: '.' },
  { delimiter: ';', decimalMark: ',' },
];

/** Dialects of Excel by the language and country of its computer; all begin with a byte order mark and end lines with CRLF. */
const csvDialects: Record<string, CsvDialect> = {
  excel: american!,
  'excel-ch': { delimiter: ';', decimalMark: '.' },
  'excel-de': continental!,
  'excel-es': continental!,
  'excel-fr': continental!,
  'excel-it': continental!,
  'excel-nl': continental!,
  'excel-pl': continental!,
  'excel-pt': continental!,
};

/** How a dialect is written. @throws WattduckError (usage) for an unknown one */
export function dialectOptions(name: string): CsvOptions {
  const dialect = Object.hasOwn(csvDialects, name) ? csvDialects[name] : undefined;
  if (dialect) return { ...dialect, isForExcel: true };
  throw new WattduckError('invalid_choice', {
    value: name,
    parameter: '--csv-dialect',
    suggestion: suggest(name, Object.keys(csvDialects), 'Accepted'),
  });
}

export interface CsvOptions {
  /** What separates values; a comma by default. */
  delimiter?: string;
  /** The decimal mark of numbers; a point by default. */
  decimalMark?: DecimalMark;
  /** Whether to write a byte order mark, and lines that end with CRLF. */
  isForExcel?: boolean;
  /** Whether to write a header row; true by default. */
  header?: boolean;
  /** Whether to escape values that a spreadsheet would run as formulas. */
  safe?: boolean;
}

/** First characters of formulas, from OWASP's page on CSV injection. */
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/;

/** CSV by RFC 4180, with plain numbers independent of the locale. TSV differs in its delimiter alone. */
export async function toCsv(
  columns: readonly DisplayColumn[],
  rows: readonly Row[],
  { delimiter = ',', decimalMark = '.', isForExcel = false, header = true, safe = false }: CsvOptions = {},
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
  // csv-stringify's escape_formulas ignores line feeds, and escapes negative integers above 2^53.
  return stringify(csvRows, {
    delimiter,
    header,
    bom: isForExcel && header,
    ...(isForExcel ? { record_delimiter: '\r\n' } : {}),
    columns: columns.map(({ name }) => ({ key: name, header: escapeFormula(name) })),
    cast: { boolean: String, ...(decimalMark === ',' ? { number: (value) => String(value).replace('.', ',') } : {}) },
    // With CRLF between records, csv-stringify does not quote other line breaks.
    quoted_match: [...(safe ? [/^'/] : []), ...(isForExcel ? [/[\r\n]/] : [])],
  });
}

export function toMarkdown(
  columns: readonly DisplayColumn[],
  rows: readonly Row[],
  currency: string | undefined,
): string {
  const header = columns.map((column) => heading(column, currency));
  const cells = rows.map((row) => columns.map((column) => formatCell(row[column.name], column)));
  return `${markdownTable(header, cells, (column) => isNumeric(columns[column]!))}\n`;
}
