import { Chalk, type ChalkInstance } from 'chalk';
import stringWidth from 'string-width';
import type { Cell, Row } from '../warehouse/values.ts';
import { cellColour } from './cell-colour.ts';
import { formatCell, heading, headWords, isNumeric, type DisplayColumn } from './cells.ts';

export interface TableOptions {
  /** Maximum width in columns of the screen; unlimited if undefined. */
  width: number | undefined;
  colour: boolean;
  /** Currency code for the headers of amounts. */
  currency: string | undefined;
}

export interface RenderedTable {
  text: string;
  /** Width of the table in columns of the screen. */
  width: number;
  /** Columns that did not fit. */
  hidden: string[];
  /** Number of truncated cells. */
  truncated: number;
}

/** Width of a text on the screen; ASCII, the usual case, needs no measuring. */
const displayWidth = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text));

const gap = 2;
const maxTextWidth = 40;
/** Maximum width of text if some columns do not fit. */
const narrowTextWidth = 28;

/** Renders rows as a table: numbers right-aligned, headers wrapped, and the rightmost columns left out if they do not fit. */
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
  const lines = [
    ...Array.from({ length: height }, (_, line) =>
      visible.map(({ head, ...column }) => {
        const text = head[line - height + head.length] ?? '';
        return align(text && chalk.bold(text), displayWidth(text), column);
      }),
    ),
    ...(rows.length > 0 ? [visible.map(({ width }) => '─'.repeat(width))] : []),
    ...rows.map((row, at) =>
      visible.map(({ cells, ...column }) => {
        const cell = cells[at]!;
        return align(paint(chalk, cell, row[column.column.name]), displayWidth(cell), column);
      }),
    ),
  ];
  const text = lines.map((cells) => cells.join(' '.repeat(gap)).trimEnd()).join('\n');
  return {
    text,
    width: visible.reduce((total, { width }) => total + width + gap, -gap),
    hidden: rendered.slice(visible.length).map(({ column }) => column.name),
    truncated: visible.reduce((sum, { truncated }) => sum + truncated, 0),
  };
}

/** Pads a text, which may have colours, to the width of its column: numbers on the left. */
function align(text: string, textWidth: number, { column, width }: Pick<RenderedColumn, 'column' | 'width'>): string {
  const padding = ' '.repeat(Math.max(0, width - textWidth));
  return isNumeric(column) ? padding + text : text + padding;
}

/** Renders rows with a line per column and an empty line between them, for rows too wide for a table. */
export function renderRecords(columns: readonly DisplayColumn[], rows: readonly Row[], options: TableOptions): string {
  const chalk = new Chalk({ level: options.colour ? 1 : 0 });
  const names = columns.map((column) => heading(column, options.currency));
  const nameWidth = Math.max(...names.map((name) => displayWidth(name)));
  const labels = names.map((name) => `${chalk.bold(name)}${' '.repeat(nameWidth - displayWidth(name) + gap)}`);
  return rows
    .map((row) =>
      columns
        .map((column, at) => {
          const cell = row[column.name];
          return `${labels[at]!}${paint(chalk, formatCell(cell, column), cell)}`.trimEnd();
        })
        .join('\n'),
    )
    .join('\n\n');
}

/** A value in the colour of its meaning. */
function paint(chalk: ChalkInstance, text: string, cell: Cell | undefined): string {
  const colour = cellColour(cell);
  return colour === undefined ? text : chalk[colour](text);
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
  const { truncate } = await import('../text/truncate.ts');
  return cells.map((cell) => truncate(cell, maxWidth));
}

/** Max lines of a header. */
const maxHeadLines = 3;

/** Wraps the words of a header to the width of the values below or of the longest word, or wider if it needs too many lines. */
function wrap(words: readonly string[], body: number): string[] {
  for (let width = Math.max(body, ...words.map((word) => displayWidth(word))); ; width += 1) {
    const lines = wrapTo(words, width);
    if (lines.length <= maxHeadLines) return lines;
  }
}

function wrapTo(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && displayWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Gives the remaining width to the first column with truncated cells. */
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
