import { Chalk } from 'chalk';
import Table from 'cli-table3';
import stringWidth from 'string-width';
import type { Row } from '../warehouse/values.ts';
import { formatCell, headWords, isNumeric, type DisplayColumn } from './cells.ts';

export interface TableOptions {
  /** Width to fit into; unlimited when undefined. */
  width: number | undefined;
  colour: boolean;
  /** Code shown beside amounts. */
  currency: string | undefined;
}

export interface RenderedTable {
  text: string;
  /** Columns left out because they did not fit. */
  hidden: string[];
  /** Cells cut because they did not fit. */
  truncated: number;
}

/** Columns of the screen a text takes; plain letters, nearly all there are, need no measuring. */
const displayWidth = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text));

const gap = 2;
const maxTextWidth = 40;
/** Where columns would be left out, texts make room first. */
const narrowTextWidth = 28;

/** Draws rows as a table: numbers to the right, heads wrapped, columns that don't fit left out from the right and named. */
export async function renderTable(
  columns: readonly DisplayColumn[],
  rows: readonly Row[],
  options: TableOptions,
): Promise<RenderedTable> {
  const chalk = new Chalk({ level: options.colour ? 1 : 0 });
  const renderAll = (maxWidth: number): Promise<RenderedColumn[]> =>
    Promise.all(columns.map((column) => renderColumn(column, rows, options, maxWidth)));
  let rendered = await renderAll(options.width === undefined ? Infinity : Math.min(maxTextWidth, options.width));
  if (columnsThatFit(rendered, options.width).length < columns.length) rendered = await renderAll(narrowTextWidth);
  const visible = await growFirstTruncated(columnsThatFit(rendered, options.width), rows, options);
  const height = Math.max(...visible.map(({ head }) => head.length));
  const table = new Table({
    head: visible.map(({ head }) =>
      [...Array(height - head.length).fill(''), ...head.map((line) => chalk.bold(line))].join('\n'),
    ),
    colAligns: visible.map(({ column }) => (isNumeric(column) ? 'right' : 'left')),
    // cli-table3 colours by itself, even into a pipe, unless told otherwise.
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      right: '',
      'right-mid': '',
      mid: '─',
      'mid-mid': ' '.repeat(gap),
      middle: ' '.repeat(gap),
    },
  });
  for (let index = 0; index < rows.length; index += 1) table.push(visible.map(({ cells }) => cells[index] ?? ''));
  const text = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
  return {
    text,
    hidden: rendered.slice(visible.length).map(({ column }) => column.name),
    truncated: visible.reduce((sum, { truncated }) => sum + truncated, 0),
  };
}

/** One row on its own, a line a column: for an answer too wide for the terminal. */
export function renderRecord(columns: readonly DisplayColumn[], row: Row, options: TableOptions): string {
  const chalk = new Chalk({ level: options.colour ? 1 : 0 });
  const names = columns.map((column) => headWords(column, options.currency).join(' '));
  const nameWidth = Math.max(...names.map((name) => displayWidth(name)));
  return columns
    .map((column, at) =>
      `${chalk.bold(names[at]!)}${' '.repeat(nameWidth - displayWidth(names[at]!) + gap)}${formatCell(row[column.name], column)}`.trimEnd(),
    )
    .join('\n');
}

interface RenderedColumn {
  column: DisplayColumn;
  head: string[];
  cells: string[];
  width: number;
  truncated: number;
}

async function renderColumn(
  column: DisplayColumn,
  rows: readonly Row[],
  { width, currency }: TableOptions,
  maxWidth: number,
): Promise<RenderedColumn> {
  const fullCells = rows.map((row) => formatCell(row[column.name], column));
  const cells = fullCells.some((cell) => displayWidth(cell) > maxWidth)
    ? await shorten(fullCells, maxWidth)
    : fullCells;
  const body = Math.max(0, ...cells.map((cell) => displayWidth(cell)));
  const words = headWords(column, currency);
  const head = width === undefined ? [words.join(' ')] : wrap(words, body);
  return {
    column,
    head,
    cells,
    width: Math.max(body, ...head.map((line) => displayWidth(line))),
    truncated: fullCells.filter((cell, at) => cell !== cells[at]).length,
  };
}

async function shorten(cells: readonly string[], maxWidth: number): Promise<string[]> {
  const { default: cliTruncate } = await import('cli-truncate');
  return cells.map((cell) => cliTruncate(cell, maxWidth));
}

/** Words set in lines no longer than the values below, or than the longest word. */
function wrap(words: readonly string[], body: number): string[] {
  const width = Math.max(body, ...words.map((word) => displayWidth(word)));
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && displayWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The room that is left goes to the first column with cut texts. */
async function growFirstTruncated(
  columns: RenderedColumn[],
  rows: readonly Row[],
  options: TableOptions,
): Promise<RenderedColumn[]> {
  const at = columns.findIndex(({ truncated }) => truncated > 0);
  const room = (options.width ?? 0) - columns.reduce((usedWidth, { width }) => usedWidth + width + gap, -gap);
  if (at < 0 || room <= 0) return columns;
  const { column, width } = columns[at]!;
  return columns.with(at, await renderColumn(column, rows, options, width + room));
}

function columnsThatFit(columns: readonly RenderedColumn[], width: number | undefined): RenderedColumn[] {
  if (width === undefined) return [...columns];
  const visible: RenderedColumn[] = [];
  let usedWidth = -gap;
  for (const column of columns) {
    usedWidth += column.width + gap;
    if (usedWidth > width && visible.length > 0) break;
    visible.push(column);
  }
  return visible;
}
