import { WattduckError } from '../errors.ts';
import { clipped, clipValue, plainLine } from '../text/plain-text.ts';
import { suggest } from '../text/names.ts';
import { hasColour, type Io } from '../io.ts';
import type { Row } from '../warehouse/values.ts';
import { formatCount } from '../text/format-number.ts';
import type { ShownColumn } from './cells.ts';
import { formatOf, formats, toCsv, toMarkdown, toNdjson, type Format } from './formats.ts';
import { pourOut } from './stream.ts';

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
export interface Presented {
  columns: readonly ShownColumn[];
  /** Columns that stand first in a table. */
  first?: readonly string[];
  rows: readonly Row[];
  total: number;
  /** How to see more, where rows were left out. */
  more: string;
  /** What `--format json` prints. */
  document(): unknown;
  /** A row as that document has it, where it has it otherwise. */
  record?(row: Row): Row;
}

/** The format and columns the options ask for; refuses a misspelt one, before any work is done for it. */
export function settleOutput(
  options: OutputOptions,
  columns: readonly ShownColumn[],
): { format: Format; columns: readonly ShownColumn[] } {
  const settled = { format: chosenFormat(options), columns: chosenColumns(columns, options.columns) };
  if (settled.format === 'json' && options.columns !== undefined) {
    throw new WattduckError(
      'usage',
      '--columns does not go with json, whose document is always whole',
      'Use --format ndjson or csv.',
    );
  }
  if (options.csvSafe && settled.format !== 'csv')
    throw new WattduckError('usage', clipped`--csv-safe does not go with ${settled.format}`, 'Add --format csv.');
  // Loaded while the query runs.
  if (settled.format === 'table') void loadTable();
  return settled;
}

const loadTable = (): Promise<typeof import('./table.ts')> => import('./table.ts');

/** Prints rows in the format asked for, to the terminal, a pipe or a file; says on stderr what it left out. */
export async function present(io: Io, answer: Presented, options: OutputOptions): Promise<void> {
  const { format, columns } = settleOutput(options, answer.columns);
  const notes: string[] = [];
  const text = await render(io, { ...answer, columns }, format, options, notes);
  await pourOut(io, pieces(text), options.output, format === 'table');
  if (answer.total > answer.rows.length) notes.push(cutNote(answer.rows.length, answer.total, answer.more));
  if (answer.rows.length === 0 && format === 'table') notes.push('no rows');
  for (const note of notes) io.stderr.write(`${plainLine(note)}\n`);
}

export const cutNote = (shown: number, total: number, more: string): string =>
  `${formatCount(shown)} of ${formatCount(total)} rows; ${more}`;

async function render(
  io: Io,
  answer: Presented,
  format: Format,
  options: OutputOptions,
  notes: string[],
): Promise<string> {
  const { rows } = answer;
  const columns =
    isRead(format) && !options.columns
      ? answer.columns.filter(({ name, optional }) => !optional || rows.some((row) => (row[name] ?? null) !== null))
      : answer.columns;
  const currency = onlyCurrency(rows);
  switch (format) {
    case 'json':
      return `${JSON.stringify(answer.document(), null, 2)}\n`;
    case 'ndjson':
      return toNdjson(columns, answer.record ? rows.map(answer.record) : rows);
    case 'csv':
      return toCsv(columns, rows, { safe: options.csvSafe ?? false });
    case 'markdown':
      return toMarkdown(columns, rows, currency);
    case 'table': {
      const { drawRecord, drawTable } = await loadTable();
      const screen = options.output === undefined && io.stdout.isTTY;
      const width = screen && !options.wide ? (io.stdout.columns ?? 80) : undefined;
      const look = { width, colour: screen && hasColour(io.stdout, io.env), currency };
      // An amount's head names the currency, so its column can go where width is short.
      const told =
        width !== undefined && currency !== undefined && !options.columns
          ? columns.filter(({ name }) => name !== 'currency')
          : columns;
      const shown = options.columns ? told : inOrder(told, answer.first ?? []);
      const drawn = await drawTable(shown, rows, look);
      if (drawn.hidden.length > 0 && rows.length === 1) return `${drawRecord(columns, rows[0]!, look)}\n`;
      if (drawn.hidden.length > 0)
        notes.push(
          `hidden for want of width: ${drawn.hidden.map(clipValue).join(', ')} (--wide shows all, --columns chooses)`,
        );
      if (drawn.cut > 0) notes.push(`${drawn.cut} long values cut (--wide shows them whole)`);
      return `${drawn.text}\n`;
    }
  }
}

/** Whether a format is read by people: an optional column that tells nothing is left out. */
const isRead = (format: Format): boolean => format === 'table' || format === 'markdown';

/** Columns with some of them before all others. */
const inOrder = (columns: readonly ShownColumn[], first: readonly string[]): ShownColumn[] => [
  ...first.flatMap((name) => columns.filter((column) => column.name === name)),
  ...columns.filter(({ name }) => !first.includes(name)),
];

function chosenFormat({ format, json, output }: OutputOptions): Format {
  if (json) return 'json';
  if (format === undefined) return (output && formatOf(output)) || 'table';
  if ((formats as readonly string[]).includes(format)) return format as Format;
  throw new WattduckError(
    'usage',
    clipped`--format: "${format}" is not accepted`,
    suggest(format, formats, 'Accepted'),
  );
}

function chosenColumns(columns: readonly ShownColumn[], wanted: string | undefined): readonly ShownColumn[] {
  if (wanted === undefined) return columns;
  return wanted.split(',').map((name) => {
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
export function onlyCurrency(rows: readonly Row[]): string | undefined {
  const found = new Set(rows.map((row) => row['currency']).filter((cell) => typeof cell === 'string'));
  return found.size === 1 ? String([...found][0]) : undefined;
}

async function* pieces(text: string): AsyncGenerator<string> {
  yield text;
}
