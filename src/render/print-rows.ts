import { WattduckError } from '../errors/wattduck-error.ts';
import { hasColour, type Io } from '../io.ts';
import { formatCount } from '../text/format-number.ts';
import { suggest } from '../text/names.ts';
import { clipped, clipValue, plainLine } from '../text/plain-text.ts';
import type { Row } from '../warehouse/values.ts';
import type { DisplayColumn } from './cells.ts';
import { formatForPath, formats, toCsv, toMarkdown, toNdjson, type OutputFormat } from './output-formats.ts';
import { writeStream } from './write-stream.ts';

/** The output options every command that answers rows takes. */
export interface OutputOptions {
  format?: string;
  json?: boolean;
  output?: string;
  columns?: string;
  wide?: boolean;
  csvSafe?: boolean;
}

/** Rows to be shown, and how many there were in all. */
export interface RowSet {
  columns: readonly DisplayColumn[];
  /** Columns that stand first in a table. */
  leadingColumns?: readonly string[];
  rows: readonly Row[];
  total: number;
  /** How to see more, where rows were left out. */
  moreHint: string;
  /** What `--format json` prints. */
  document(): unknown;
  /** A row as that document has it, where it has it otherwise. */
  toDocumentRow?(row: Row): Row;
}

/** The format and columns the options ask for; refuses a misspelt one, before any work is done for it. */
export function resolveOutput(
  options: OutputOptions,
  columns: readonly DisplayColumn[],
): { format: OutputFormat; columns: readonly DisplayColumn[] } {
  const resolved = { format: selectFormat(options), columns: selectColumns(columns, options.columns) };
  if (resolved.format === 'json' && options.columns !== undefined) {
    throw new WattduckError(
      'usage',
      '--columns does not go with json, whose document is always whole',
      'Use --format ndjson or csv.',
    );
  }
  if (options.csvSafe && resolved.format !== 'csv')
    throw new WattduckError('usage', clipped`--csv-safe does not go with ${resolved.format}`, 'Add --format csv.');
  // Loaded while the query runs.
  if (resolved.format === 'table') void loadTable();
  return resolved;
}

const loadTable = (): Promise<typeof import('./table.ts')> => import('./table.ts');

/** Prints rows in the format asked for, to the terminal, a pipe or a file; says on stderr what it left out. */
export async function printRows(io: Io, rowSet: RowSet, options: OutputOptions): Promise<void> {
  const { format, columns } = resolveOutput(options, rowSet.columns);
  const notes: string[] = [];
  const text = await renderText(io, { ...rowSet, columns }, format, options, notes);
  await writeStream(io, singlePiece(text), options.output, format === 'table');
  if (rowSet.total > rowSet.rows.length) notes.push(truncationNote(rowSet.rows.length, rowSet.total, rowSet.moreHint));
  if (rowSet.rows.length === 0 && format === 'table') notes.push('no rows');
  for (const note of notes) io.stderr.write(`${plainLine(note)}\n`);
}

export const truncationNote = (rowCount: number, total: number, moreHint: string): string =>
  `${formatCount(rowCount)} of ${formatCount(total)} rows; ${moreHint}`;

async function renderText(
  io: Io,
  rowSet: RowSet,
  format: OutputFormat,
  options: OutputOptions,
  notes: string[],
): Promise<string> {
  const { rows } = rowSet;
  const columns =
    isHumanReadable(format) && !options.columns
      ? rowSet.columns.filter(({ name, optional }) => !optional || rows.some((row) => (row[name] ?? null) !== null))
      : rowSet.columns;
  const currency = commonCurrency(rows);
  switch (format) {
    case 'json':
      return `${JSON.stringify(rowSet.document(), null, 2)}\n`;
    case 'ndjson':
      return toNdjson(columns, rowSet.toDocumentRow ? rows.map(rowSet.toDocumentRow) : rows);
    case 'csv':
      return toCsv(columns, rows, { safe: options.csvSafe ?? false });
    case 'markdown':
      return toMarkdown(columns, rows, currency);
    case 'table': {
      const { renderRecord, renderTable } = await loadTable();
      const isTerminal = options.output === undefined && io.stdout.isTTY;
      const width = isTerminal && !options.wide ? (io.stdout.columns ?? 80) : undefined;
      const tableOptions = { width, colour: isTerminal && hasColour(io.stdout, io.env), currency };
      // An amount's head names the currency, so its column can go where width is short.
      const tableColumns =
        width !== undefined && currency !== undefined && !options.columns
          ? columns.filter(({ name }) => name !== 'currency')
          : columns;
      const orderedColumns = options.columns ? tableColumns : leadingFirst(tableColumns, rowSet.leadingColumns ?? []);
      const rendered = await renderTable(orderedColumns, rows, tableOptions);
      if (rendered.hidden.length > 0 && rows.length === 1) return `${renderRecord(columns, rows[0]!, tableOptions)}\n`;
      if (rendered.hidden.length > 0)
        notes.push(
          `hidden for want of width: ${rendered.hidden.map(clipValue).join(', ')} (--wide shows all, --columns chooses)`,
        );
      if (rendered.truncated > 0) notes.push(`${rendered.truncated} long values cut (--wide shows them whole)`);
      return `${rendered.text}\n`;
    }
  }
}

/** Whether a format is read by people: an optional column that tells nothing is left out. */
const isHumanReadable = (format: OutputFormat): boolean => format === 'table' || format === 'markdown';

/** Columns with some of them before all others. */
const leadingFirst = (columns: readonly DisplayColumn[], leadingColumns: readonly string[]): DisplayColumn[] => [
  ...leadingColumns.flatMap((name) => columns.filter((column) => column.name === name)),
  ...columns.filter(({ name }) => !leadingColumns.includes(name)),
];

function selectFormat({ format, json, output }: OutputOptions): OutputFormat {
  if (json) return 'json';
  if (format === undefined) return (output && formatForPath(output)) || 'table';
  if ((formats as readonly string[]).includes(format)) return format as OutputFormat;
  throw new WattduckError(
    'usage',
    clipped`--format: "${format}" is not accepted`,
    suggest(format, formats, 'Accepted'),
  );
}

function selectColumns(columns: readonly DisplayColumn[], columnList: string | undefined): readonly DisplayColumn[] {
  if (columnList === undefined) return columns;
  return columnList.split(',').map((name) => {
    const column = columns.find((each) => each.name === name.trim());
    if (column) return column;
    throw new WattduckError(
      'usage',
      clipped`--columns: no column "${name.trim()}"`,
      suggest(
        name.trim(),
        columns.map((each) => each.name),
      ),
    );
  });
}

/** The currency of all rows, where they have one. */
export function commonCurrency(rows: readonly Row[]): string | undefined {
  const found = new Set(rows.map((row) => row['currency']).filter((cell) => typeof cell === 'string'));
  return found.size === 1 ? String([...found][0]) : undefined;
}

async function* singlePiece(text: string): AsyncGenerator<string> {
  yield text;
}
