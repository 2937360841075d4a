import { escapeHtml } from '../text/html.ts';
import type { Row } from '../warehouse/values.ts';
import { formatCell, isNumeric, type DisplayColumn } from './cells.ts';
import { zonedHeading, zonedTimes } from './zoned-times.ts';

/** A word that is broken to fit. */
const longWord = /\S{31}/;

/** Time zone and currency of the values of a table. */
export interface TableUnits {
  /** Time zone of timestamps, which are UTC in the rows; undefined for timestamps that are written as they are. */
  zone: string | undefined;
  /** Currency for the headings of amounts. */
  currency: string | undefined;
}

/** Rows as an HTML table. @param totalRow the last row, with sums of columns */
export function htmlTable(
  columns: readonly DisplayColumn[],
  rows: readonly Row[],
  totalRow: Row | undefined,
  { zone, currency }: TableUnits,
): string {
  const localTime = zonedTimes(zone ?? 'UTC');
  const isTime = ({ type }: DisplayColumn): boolean => type.startsWith('TIMESTAMP');
  const classOf = (column: DisplayColumn): string =>
    isNumeric(column) ? ' class="n"' : isTime(column) || column.type === 'DATE' ? ' class="t"' : '';
  const attributes = columns.map(classOf);
  const cellsOf = (row: Row): string =>
    columns
      .map((column, at) => {
        const cell = row[column.name];
        const shown = isTime(column) && typeof cell === 'string' ? localTime(cell) : cell;
        const text = formatCell(shown, column);
        // Other words stay whole, also in the narrow columns of print.
        const attribute = longWord.test(text) ? ' class="long"' : attributes[at];
        return `<td${attribute}>${escapeHtml(text)}</td>`;
      })
      .join('');
  const head = columns
    .map((column, at) => `<th scope="col"${attributes[at]}>${escapeHtml(zonedHeading(column, currency, zone))}</th>`)
    .join('');
  return `<table>
<thead><tr>${head}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${cellsOf(row)}</tr>\n`).join('')}</tbody>
${totalRow ? `<tfoot><tr>${cellsOf(totalRow)}</tr></tfoot>\n` : ''}</table>`;
}
