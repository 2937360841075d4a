import type { Row } from '../warehouse/values.ts';
import { isNumeric, show, unitLabel, type ShownColumn } from './cells.ts';

export const formats = ['table', 'json', 'ndjson', 'csv', 'markdown'] as const;
export type Format = (typeof formats)[number];

const endings: Record<string, Format> = { json: 'json', ndjson: 'ndjson', jsonl: 'ndjson', csv: 'csv', md: 'markdown', txt: 'table' };

/** The format a file's name asks for. */
export const formatOf = (path: string): Format | undefined => endings[path.split('.').at(-1)?.toLowerCase() ?? ''];

/** One object a line. */
export const toNdjson = (columns: readonly ShownColumn[], rows: readonly Row[]): string =>
  rows.map((row) => `${JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])))}\n`).join('');

/** RFC 4180 with plain numbers, in the same form in every locale. */
export async function toCsv(columns: readonly ShownColumn[], rows: readonly Row[], header = true): Promise<string> {
  const { stringify } = await import('csv-stringify/sync');
  const plain = rows.map((row) => columns.map(({ name }) => {
    const cell = row[name] ?? null;
    return typeof cell === 'object' && cell !== null ? JSON.stringify(cell) : cell;
  }));
  return stringify(plain, { header, columns: columns.map(({ name }) => name), cast: { boolean: String } });
}

export function toMarkdown(columns: readonly ShownColumn[], rows: readonly Row[], currency: string | undefined): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  const head = columns.map((column) => {
    const unit = unitLabel(column, currency);
    return unit ? `${column.name} (${unit})` : column.name;
  });
  const rule = columns.map((column) => (isNumeric(column) ? '---:' : '---'));
  return line(head) + line(rule) + rows.map((row) => line(columns.map((column) => show(row[column.name], column)))).join('');
}
