import { WattduckError } from '../errors/wattduck-error.ts';
import { hasColour, type Io } from '../io.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { suggest } from '../text/names.ts';
import { clipValue, plainLine } from '../text/plain-text.ts';
import type { Row } from '../warehouse/values.ts';
import type { DisplayColumn } from './cells.ts';
import {
  assertKnownExtension,
  dialectOptions,
  formatForPath,
  formats,
  isSvgPath,
  toCsv,
  toMarkdown,
  toNdjson,
  type CsvOptions,
  type OutputFormat,
} from './output-formats.ts';
import type { PageChart } from './html-page.ts';
import { labelTotal } from './total-row.ts';
import { writeFileInPieces, writeStream } from './write-stream.ts';

/** Output options of every command that prints rows. */
export interface OutputOptions {
  format?: string;
  json?: boolean;
  output?: string;
  columns?: string;
  wide?: boolean;
  csvSafe?: boolean;
  csvDialect?: string;
}

/** Title, selection and notes of rows. */
export interface RowsOrigin {
  title: string;
  /** Period, site and other facts of the selection. */
  context: readonly string[];
  notes: readonly string[];
  /** Time zone for timestamps, which are UTC in the rows; undefined for timestamps that are written as they are. */
  zone: string | undefined;
  /** Chart for a page. */
  chart?: PageChart | undefined;
}

/** Rows to print, and their total number before paging. */
export interface RowSet {
  columns: readonly DisplayColumn[];
  /** Columns that come first in a table. */
  leadingColumns?: readonly string[];
  rows: readonly Row[];
  total: number;
  /** Sums of columns over all rows, shown as the last row. */
  totalRow?: Row | undefined;
  /** Why it has no rows. */
  emptyReason?: string | undefined;
  /** What the rows are, for files that say so. */
  about?: RowsOrigin;
  /** How to see more rows if some were left out. */
  moreHint: string;
  /** The document that `--format json` prints. */
  document(): unknown;
  /** Converts a row to its form in the document, if that differs. */
  toDocumentRow?(row: Row): Row;
}

/** Resolves format and columns. @throws WattduckError (usage) for invalid options, before any query runs */
export function resolveOutput(
  options: OutputOptions,
  columns: readonly DisplayColumn[],
): { format: OutputFormat; columns: readonly DisplayColumn[] } {
  const resolved = { format: selectFormat(options), columns: selectColumns(columns, options.columns) };
  if (resolved.format === 'json' && options.columns !== undefined) {
    throw new WattduckError('columns_with_json');
  }
  if (options.csvSafe && resolved.format !== 'csv' && resolved.format !== 'tsv')
    throw new WattduckError('csv_safe_without_csv', { format: resolved.format });
  if (isBinary(resolved.format) && options.output === undefined)
    throw new WattduckError('format_needs_file', { format: resolved.format });
  if (options.csvDialect !== undefined && resolved.format !== 'csv')
    throw new WattduckError('csv_dialect_without_csv', { format: resolved.format });
  if (options.csvDialect !== undefined) dialectOptions(options.csvDialect);
  // Load the module while the query runs.
  if (resolved.format === 'table' || resolved.format === 'record') void loadTable();
  return resolved;
}

/** Whether Parquet is requested. @throws WattduckError (usage) for an invalid format */
export const isParquet = (options: OutputOptions): boolean => selectFormat(options) === 'parquet';

/** Whether a format can only be written to a file. */
const isBinary = (format: OutputFormat): boolean => format === 'xlsx' || format === 'parquet';

/** How CSV or TSV is written. */
export const csvOptions = (format: OutputFormat, { csvSafe = false, csvDialect }: OutputOptions): CsvOptions => ({
  safe: csvSafe,
  ...(format === 'tsv' ? { delimiter: '\t' } : {}),
  ...(csvDialect === undefined ? {} : dialectOptions(csvDialect)),
});

const loadTable = (): Promise<typeof import('./table.ts')> => import('./table.ts');

/** Prints rows to the terminal, a pipe or a file, and notes on stderr what was left out. */
export async function printRows(io: Io, rowSet: RowSet, options: OutputOptions): Promise<void> {
  const { format, columns } = resolveOutput(options, rowSet.columns);
  const notes: string[] = [];
  const text = await renderText(io, { ...rowSet, columns }, format, options, notes);
  if (typeof text === 'string')
    await writeStream(io, singlePiece(text), options.output, format === 'table' || format === 'record');
  else await writeFileInPieces(options.output!, singlePiece(text));
  notes.push(...truncationNotes(rowSet));
  if (rowSet.rows.length === 0 && (format === 'table' || format === 'record'))
    notes.push(rowSet.emptyReason === undefined ? 'no rows' : `no rows: ${rowSet.emptyReason}`);
  for (const note of notes) io.stderr.write(`${plainLine(note)}\n`);
}

const truncationNotes = ({ rows, total, moreHint }: RowSet): string[] =>
  total > rows.length ? [truncationNote(rows.length, total, moreHint)] : [];

export const truncationNote = (rowCount: number, total: number, moreHint: string): string =>
  `Showing ${formatCount(rowCount)} of ${pluralize(total, 'row')} (${moreHint})`;

async function renderText(
  io: Io,
  rowSet: RowSet,
  format: OutputFormat,
  options: OutputOptions,
  notes: string[],
): Promise<string | Uint8Array> {
  const { rows } = rowSet;
  const columns = isHumanReadable(format) && !options.columns ? presentColumns(rowSet) : rowSet.columns;
  const currency = commonCurrency(rows);
  switch (format) {
    case 'json':
      return `${JSON.stringify(rowSet.document(), null, 2)}\n`;
    case 'ndjson':
      return toNdjson(columns, rowSet.toDocumentRow ? rows.map(rowSet.toDocumentRow) : rows);
    case 'csv':
    case 'tsv':
      return toCsv(columns, withTotal(columns, rows, rowSet.totalRow), csvOptions(format, options));
    case 'markdown':
      return toMarkdown(columns, withTotal(columns, rows, rowSet.totalRow), currency);
    case 'html': {
      const { columns: ordered, totalRow, texts } = toSheet(rowSet, columns, Boolean(options.columns));
      return (await import('./html-page.ts')).toHtml(ordered, rows, totalRow, texts);
    }
    case 'parquet':
      throw new WattduckError('parquet_without_query');
    case 'xlsx': {
      const { toWorkbook } = await import('./xlsx.ts');
      const { bytes, notes: fileNotes } = await toWorkbook([toSheet(rowSet, columns, Boolean(options.columns))]);
      notes.push(...fileNotes);
      return bytes;
    }
    case 'record':
    case 'table': {
      const { renderRecords, renderTable } = await loadTable();
      const isTerminal = options.output === undefined && io.stdout.isTTY;
      const screenWidth = isTerminal ? (io.stdout.columns ?? 80) : undefined;
      const width = options.wide ? undefined : screenWidth;
      const colour = options.output === undefined && hasColour(io.stdout, io.env);
      const tableOptions = { width, colour, currency };
      const asRecords = (): string =>
        `${renderRecords(columns, withTotal(columns, rows, rowSet.totalRow), tableOptions)}\n`;
      if (format === 'record') return rows.length === 0 ? '' : asRecords();
      // Headers of amounts contain the currency, so a narrow table does without its column.
      const tableColumns =
        width !== undefined && currency !== undefined && !options.columns
          ? columns.filter(({ name }) => name !== 'currency')
          : columns;
      const orderedColumns = options.columns ? tableColumns : leadingFirst(tableColumns, rowSet.leadingColumns ?? []);
      const rendered = await renderTable(
        orderedColumns,
        withTotal(orderedColumns, rows, rowSet.totalRow),
        tableOptions,
      );
      // Lines longer than the screen would wrap, and columns could not be read.
      if (options.wide && options.format === undefined && rows.length > 0 && rendered.width > (screenWidth ?? Infinity))
        return asRecords();
      if (rendered.hidden.length > 0 && rows.length === 1 && !rowSet.totalRow) return asRecords();
      if (rendered.hidden.length > 0)
        notes.push(
          `${pluralize(rendered.hidden.length, 'column')} hidden: ${rendered.hidden.map(clipValue).join(', ')} (use --wide or --columns)`,
        );
      if (rendered.truncated > 0) notes.push(`${pluralize(rendered.truncated, 'value')} truncated (use --wide)`);
      return `${rendered.text}\n`;
    }
  }
}

/** The columns without optional ones that are empty. */
const presentColumns = ({ columns, rows }: Pick<RowSet, 'columns' | 'rows'>): readonly DisplayColumn[] =>
  columns.filter(({ name, optional }) => !optional || rows.some((row) => (row[name] ?? null) !== null));

/** Rows with the texts around them, for a page or a sheet. */
export interface Sheet {
  columns: readonly DisplayColumn[];
  rows: readonly Row[];
  totalRow: Row | undefined;
  texts: RowsOrigin & { currency: string | undefined };
}

/**
 * The rows of a page or a sheet, with its texts.
 * @param isOrdered whether the order of the columns is the user's
 */
export function toSheet(rowSet: RowSet, columns = presentColumns(rowSet), isOrdered = false): Sheet {
  const ordered = isOrdered ? columns : leadingFirst(columns, rowSet.leadingColumns ?? []);
  const { rows } = rowSet;
  return {
    columns: ordered,
    rows,
    totalRow: totalOf(ordered, rows, rowSet.totalRow),
    texts: originOf(rowSet, commonCurrency(rows)),
  };
}

/** The texts of a file around its rows. */
const originOf = (rowSet: RowSet, currency: string | undefined): RowsOrigin & { currency: string | undefined } => ({
  title: rowSet.about?.title ?? 'Data',
  context: rowSet.about?.context ?? [],
  notes: [
    ...truncationNotes(rowSet),
    ...(rowSet.emptyReason === undefined ? [] : [`no rows: ${rowSet.emptyReason}`]),
    ...(rowSet.about?.notes ?? []),
  ],
  zone: rowSet.about?.zone,
  chart: rowSet.about?.chart,
  currency,
});

/** The last row with the sums of columns. */
const totalOf = (columns: readonly DisplayColumn[], rows: readonly Row[], sums: Row | undefined): Row | undefined =>
  sums && rows.length > 0 ? labelTotal(columns, sums) : undefined;

/** Rows with their total as the last one. */
const withTotal = (columns: readonly DisplayColumn[], rows: readonly Row[], sums: Row | undefined): readonly Row[] => [
  ...rows,
  ...[totalOf(columns, rows, sums) ?? []].flat(),
];

/** Whether a format is for people: it leaves out optional columns that are empty. */
const isHumanReadable = (format: OutputFormat): boolean =>
  ['table', 'record', 'markdown', 'html', 'xlsx'].includes(format);

/** Moves some columns to the front. */
export const leadingFirst = (columns: readonly DisplayColumn[], leadingColumns: readonly string[]): DisplayColumn[] => [
  ...leadingColumns.flatMap((name) => columns.filter((column) => column.name === name)),
  ...columns.filter(({ name }) => !leadingColumns.includes(name)),
];

function selectFormat({ format, json, output }: OutputOptions): OutputFormat {
  if (json) return 'json';
  if (format === undefined && output !== undefined && isSvgPath(output))
    throw new WattduckError('svg_without_chart', { path: output });
  if (format === undefined && output !== undefined) assertKnownExtension(output);
  if (format === undefined) return (output && formatForPath(output)) || 'table';
  if ((formats as readonly string[]).includes(format)) return format as OutputFormat;
  throw new WattduckError('invalid_choice', {
    value: format,
    parameter: '--format',
    suggestion: suggest(format, formats, 'Accepted'),
  });
}

function selectColumns(columns: readonly DisplayColumn[], columnList: string | undefined): readonly DisplayColumn[] {
  if (columnList === undefined) return columns;
  const columnNames = columns.map(({ name }) => name);
  return columnList.split(',').map((text) => {
    const name = text.trim();
    const column = columns.find((each) => each.name === name);
    if (column) return column;
    throw new WattduckError('unknown_column', { name, suggestion: suggest(name, columnNames) });
  });
}

/** The currency of the rows, if they have exactly one. */
export function commonCurrency(rows: readonly Row[]): string | undefined {
  const found = new Set(rows.map((row) => row['currency']).filter((cell) => typeof cell === 'string'));
  return found.size === 1 ? String([...found][0]) : undefined;
}

async function* singlePiece<T>(piece: T): AsyncGenerator<T> {
  yield piece;
}
