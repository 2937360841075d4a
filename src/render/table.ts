import { Chalk } from 'chalk';
import Table from 'cli-table3';
import stringWidth from 'string-width';
import type { Row } from '../warehouse/values.ts';
import { headWords, isNumeric, show, type ShownColumn } from './cells.ts';

export interface TableOptions {
  /** Width to fit into; unlimited when undefined. */
  width: number | undefined;
  colour: boolean;
  /** Code shown beside amounts. */
  currency: string | undefined;
}

export interface Drawn {
  text: string;
  /** Columns left out because they did not fit. */
  hidden: string[];
  /** Cells cut because they did not fit. */
  cut: number;
}

/** Columns of the screen a text takes; plain letters, nearly all there are, need no measuring. */
const widthOf = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text));

const gap = 2;
const widestText = 40;
/** Where columns would be left out, texts make room first. */
const narrowText = 28;

/** Draws rows as a table: numbers to the right, heads wrapped, columns that don't fit left out from the right and named. */
export async function drawTable(
  columns: readonly ShownColumn[],
  rows: readonly Row[],
  options: TableOptions,
): Promise<Drawn> {
  const chalk = new Chalk({ level: options.colour ? 1 : 0 });
  const drawAll = (most: number): Promise<DrawnColumn[]> =>
    Promise.all(columns.map((column) => draw(column, rows, options, most)));
  let drawn = await drawAll(options.width === undefined ? Infinity : Math.min(widestText, options.width));
  if (fitting(drawn, options.width).length < columns.length) drawn = await drawAll(narrowText);
  const shown = await widened(fitting(drawn, options.width), rows, options);
  const height = Math.max(...shown.map(({ head }) => head.length));
  const table = new Table({
    head: shown.map(({ head }) =>
      [...Array(height - head.length).fill(''), ...head.map((line) => chalk.bold(line))].join('\n'),
    ),
    colAligns: shown.map(({ column }) => (isNumeric(column) ? 'right' : 'left')),
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
  for (let index = 0; index < rows.length; index += 1) table.push(shown.map(({ cells }) => cells[index] ?? ''));
  const text = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
  return {
    text,
    hidden: drawn.slice(shown.length).map(({ column }) => column.name),
    cut: shown.reduce((sum, { cut }) => sum + cut, 0),
  };
}

/** One row on its own, a line a column: for an answer too wide for the terminal. */
export function drawRecord(columns: readonly ShownColumn[], row: Row, options: TableOptions): string {
  const chalk = new Chalk({ level: options.colour ? 1 : 0 });
  const names = columns.map((column) => headWords(column, options.currency).join(' '));
  const widest = Math.max(...names.map((name) => widthOf(name)));
  return columns
    .map((column, at) =>
      `${chalk.bold(names[at]!)}${' '.repeat(widest - widthOf(names[at]!) + gap)}${show(row[column.name], column)}`.trimEnd(),
    )
    .join('\n');
}

interface DrawnColumn {
  column: ShownColumn;
  head: string[];
  cells: string[];
  width: number;
  cut: number;
}

async function draw(
  column: ShownColumn,
  rows: readonly Row[],
  { width, currency }: TableOptions,
  most: number,
): Promise<DrawnColumn> {
  const full = rows.map((row) => show(row[column.name], column));
  const cells = full.some((cell) => widthOf(cell) > most) ? await shorten(full, most) : full;
  const body = Math.max(0, ...cells.map((cell) => widthOf(cell)));
  const words = headWords(column, currency);
  const head = width === undefined ? [words.join(' ')] : wrap(words, body);
  return {
    column,
    head,
    cells,
    width: Math.max(body, ...head.map((line) => widthOf(line))),
    cut: full.filter((cell, at) => cell !== cells[at]).length,
  };
}

async function shorten(cells: readonly string[], most: number): Promise<string[]> {
  const { default: cliTruncate } = await import('cli-truncate');
  return cells.map((cell) => cliTruncate(cell, most));
}

/** Words set in lines no longer than the values below, or than the longest word. */
function wrap(words: readonly string[], body: number): string[] {
  const width = Math.max(body, ...words.map((word) => widthOf(word)));
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The room that is left goes to the first column with cut texts. */
async function widened(columns: DrawnColumn[], rows: readonly Row[], options: TableOptions): Promise<DrawnColumn[]> {
  const at = columns.findIndex(({ cut }) => cut > 0);
  const room = (options.width ?? 0) - columns.reduce((used, { width }) => used + width + gap, -gap);
  if (at < 0 || room <= 0) return columns;
  const { column, width } = columns[at]!;
  return columns.with(at, await draw(column, rows, options, width + room));
}

function fitting(columns: readonly DrawnColumn[], width: number | undefined): DrawnColumn[] {
  if (width === undefined) return [...columns];
  const shown: DrawnColumn[] = [];
  let used = -gap;
  for (const column of columns) {
    used += column.width + gap;
    if (used > width && shown.length > 0) break;
    shown.push(column);
  }
  return shown;
}
