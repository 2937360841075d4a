import { WattduckError } from '../errors/wattduck-error.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { plainLine } from '../text/plain-text.ts';
import type { Cell, Row } from '../warehouse/values.ts';
import { isNumeric, type DisplayColumn } from './cells.ts';
import { zonedHeading, zonedTimes } from './zoned-times.ts';

/** What a sheet contains besides its rows. */
export interface SheetTexts {
  title: string;
  /** Period, site and other facts of the selection. */
  context: readonly string[];
  notes: readonly string[];
  /** Time zone of timestamps, which are UTC in the rows; undefined for timestamps that are written as they are. */
  zone: string | undefined;
  /** Currency for the headings of amounts. */
  currency: string | undefined;
}

/** Limits of Excel. */
const [maxRows, maxColumns, maxTextLength] = [1_048_576, 16_384, 32_767];
/** Widths of columns in characters; longer texts are wider than a screen. */
const [minWidth, maxWidth] = [6, 50];
/** Rows that determine the width of a column: the first ones are enough, and the total. */
const measuredRows = 1000;

const [dateFormat, timeFormat] = ['yyyy-mm-dd', 'yyyy-mm-dd hh:mm:ss'];

/** Number formats by unit; separators are those of the reader's computer. */
const numberFormats: Record<string, string> = {
  kWh: '#,##0.000',
  kW: '#,##0.0',
  Wh: '#,##0',
  currency: '#,##0.00',
  minutes: '#,##0.0',
  seconds: '#,##0.0',
  percent: '0.0',
  share: '0.0%',
  count: '#,##0',
  hour: '0',
  line: '0',
  id: '0',
  weekday: '0',
};

/** An Excel file, and notes on what it could not contain. */
export interface Workbook {
  bytes: Uint8Array;
  notes: string[];
}

/** Rows of a sheet. */
export interface SheetRows {
  columns: readonly DisplayColumn[];
  rows: readonly Row[];
  totalRow: Row | undefined;
  texts: SheetTexts;
}

/**
 * Writes an Excel file with a sheet for each set of rows: numbers, dates and times as such, a header that stays in view, and the
 * texts on a last sheet. Text is never a formula.
 * @param extraNotes lines below the texts of the sheets
 * @throws WattduckError (xlsx_too_large) for more rows or columns than Excel reads
 */
export async function toWorkbook(sheets: readonly SheetRows[], extraNotes: readonly string[] = []): Promise<Workbook> {
  sheets.forEach(assertFits);
  const { default: writeXlsxFile } = await import('write-excel-file/node');
  const names = sheetNames(sheets.map(({ texts }) => texts.title));
  const isSingle = sheets.length === 1;
  const dataSheets = [];
  const [about, notes]: [XlsxCell[], string[]] = [[], []];
  const addText = (text: string, weight?: 'bold'): void =>
    void about.push({ ...textCell(text), ...(weight ? { fontWeight: weight } : {}) });
  for (const [at, sheet] of sheets.entries()) {
    const { data, widths, cutTexts } = sheetCells(sheet);
    const { title, context, zone, notes: texts } = sheet.texts;
    dataSheets.push({
      sheet: names[at]!,
      data,
      columns: widths.map((width) => ({ width })),
      stickyRowsCount: 1,
    });
    const cutNotes = cutTexts === 0 ? [] : [cutNote(cutTexts)];
    notes.push(...cutNotes.map((note) => (isSingle ? note : `${title}: ${note}`)));
    if (at > 0) addText('');
    addText(title, 'bold');
    const lines = [...context, ...(zone === undefined ? [] : [`Times are in ${zone}.`]), ...texts, ...cutNotes];
    lines.forEach((line) => addText(line));
  }
  if (extraNotes.length > 0) addText('');
  extraNotes.forEach((line) => addText(line));
  const buffer = await writeXlsxFile([
    ...dataSheets,
    { sheet: notesName, data: about.map((cell) => [cell.value === '' ? null : cell]), columns: [{ width: 100 }] },
  ]).toBuffer();
  return { bytes: buffer, notes };
}

function assertFits({ columns, rows, totalRow }: SheetRows): void {
  if (rows.length + (totalRow ? 2 : 1) > maxRows || columns.length > maxColumns)
    throw new WattduckError('xlsx_too_large', {
      rows: pluralize(rows.length, 'row'),
      columns: pluralize(columns.length, 'column'),
      maxRows: formatCount(maxRows),
      maxColumns: formatCount(maxColumns),
    });
}

const cutNote = (count: number): string =>
  `${pluralize(count, 'text')} cut to ${formatCount(maxTextLength)} characters for Excel`;

const textCell = (text: string): XlsxCell => ({ type: String, value: escapeText(text.slice(0, maxTextLength)) });

interface SheetCells {
  data: (XlsxCell | null)[][];
  /** Widths of the columns in characters. */
  widths: number[];
  /** Number of texts that are cut. */
  cutTexts: number;
}

/** The cells of a sheet: header, rows and total. */
function sheetCells({ columns, rows, totalRow, texts }: SheetRows): SheetCells {
  const localTime = zonedTimes(texts.zone ?? 'UTC');
  const isTime = ({ type }: DisplayColumn): boolean => type.startsWith('TIMESTAMP');
  let cutTexts = 0;
  const countedCell = (text: string): XlsxCell => {
    if (text.length > maxTextLength) cutTexts += 1;
    return textCell(text);
  };
  const toCell = (cell: Cell | undefined, column: DisplayColumn): XlsxCell | null => {
    if (cell === null || cell === undefined || cell === '') return null;
    if (typeof cell === 'number')
      return { type: Number, value: cell, format: numberFormats[column.unit ?? ''] ?? generalFormat(column) };
    if (typeof cell === 'boolean') return { type: Boolean, value: cell };
    if (typeof cell === 'object') return countedCell(JSON.stringify(cell));
    const serial = column.type === 'DATE' ? dateSerial(cell) : isTime(column) ? dateSerial(localTime(cell)) : undefined;
    if (serial === undefined) return countedCell(cell);
    return { type: Number, value: serial, format: column.type === 'DATE' ? dateFormat : timeFormat };
  };
  const headings = columns.map((column) => zonedHeading(column, texts.currency, texts.zone));
  const bodyRows = rows.map((row) => columns.map((column) => toCell(row[column.name], column)));
  const totalCells = totalRow && columns.map((column) => bold(toCell(totalRow[column.name], column)));
  const widths = columns.map((_, at) =>
    Math.min(
      maxWidth,
      Math.max(
        minWidth,
        headings[at]!.length + 1,
        ...[...bodyRows.slice(0, measuredRows), ...(totalCells ? [totalCells] : [])].map((cells) =>
          widthOf(cells[at] ?? null),
        ),
      ),
    ),
  );
  const header = columns.map((column, at): XlsxCell => {
    const align = isNumeric(column) ? 'right' : 'left';
    return { ...countedCell(headings[at]!), fontWeight: 'bold', align, wrap: true };
  });
  return { data: [header, ...bodyRows, ...(totalCells ? [totalCells] : [])], widths, cutTexts };
}

/** A cell as the library writes it. */
interface XlsxCell {
  type: StringConstructor | NumberConstructor | BooleanConstructor;
  value: string | number | boolean;
  format?: string;
  fontWeight?: 'bold';
  align?: 'left' | 'right';
  wrap?: boolean;
  topBorderStyle?: 'thin';
}

const bold = (cell: XlsxCell | null): XlsxCell | null =>
  cell && { ...cell, fontWeight: 'bold', topBorderStyle: 'thin' };

const generalFormat = ({ type }: DisplayColumn): string => (/INT/.test(type) ? '#,##0' : 'General');

const notesName = 'Notes';
/** Max characters of the name of a sheet. */
const maxNameLength = 31;

/** Names of sheets by the rules of Excel, which compares them without case. */
function sheetNames(titles: readonly string[]): string[] {
  const taken = new Set<string>();
  return titles.map((title) => {
    const name = sheetName(title);
    let unique = name;
    for (let n = 2; taken.has(unique.toLowerCase()); n += 1) {
      const suffix = ` (${n})`;
      unique = `${cutName(name, maxNameLength - suffix.length)}${suffix}`;
    }
    taken.add(unique.toLowerCase());
    return unique;
  });
}

/** The start of a name, without half of a character. */
const cutName = (name: string, max: number): string => {
  let text = '';
  for (const character of name) {
    if (text.length + character.length > max) break;
    text += character;
  }
  return text.trim();
};

/** Name of the sheet with the rows, by the rules of Excel. */
function sheetName(title: string): string {
  const name = plainLine(title)
    .replaceAll(/[[\]/\\:*?']+/g, ' ')
    .trim();
  const short = cutName(name, maxNameLength);
  return short === '' || /^(notes|history)$/i.test(short) ? 'Data' : short;
}

/** Characters a cell needs. */
function widthOf(cell: XlsxCell | null): number {
  if (cell === null) return 0;
  if (cell.format === timeFormat) return 20;
  if (cell.format === dateFormat) return 11;
  if (typeof cell.value !== 'number') return String(cell.value).length + 2;
  const [whole = '', fraction = ''] = String(cell.value).split('.');
  return Math.ceil((whole.length * 4) / 3) + Math.min(fraction.length, 6) + 3;
}

/** Days since the beginning of 1900 as Excel counts them; undefined for other texts, and for dates Excel does not know. */
function dateSerial(text: string): number | undefined {
  const [, date, time = '00:00:00'] = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00)?)?$/.exec(text) ?? [];
  const milliseconds = date === undefined ? NaN : Date.parse(`${date}T${time.slice(0, 12)}Z`);
  // Excel has a 29 February 1900, so earlier days have other numbers.
  if (!(milliseconds >= Date.UTC(1900, 2, 1))) return undefined;
  return milliseconds / 86_400_000 + 25_569;
}

/** Characters that XML cannot contain: controls, which Excel reads in escaped form, and others. */
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000B-\u001F]/g;
const noCharacters = /[\p{Cs}\uFFFE\uFFFF]/gu;

const escapeCharacter = (text: string): string =>
  `_x${text.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;

/** Text that Excel shows as it is: it would read `_x0041_` as an escaped letter. */
function escapeText(text: string): string {
  const escaped = text
    .replaceAll(/_(?=x[\dA-Fa-f]{4}_)/g, escapeCharacter)
    .replaceAll(controls, escapeCharacter)
    .replaceAll(noCharacters, '');
  // The library looks texts up in an object, which has these names already.
  return escaped in {} ? escapeCharacter(escaped) + escaped.slice(1) : escaped;
}
