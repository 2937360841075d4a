import { escapeHtml } from '../text/html.ts';
import { formatCell, isNumeric, type DisplayColumn } from '../render/cells.ts';
import { zonedHeading, zonedTimes } from '../render/zoned-times.ts';
import type { Cell, Row } from '../warehouse/values.ts';
import { anchor } from './layout.ts';

export interface TableOptions {
  /** Time zone of timestamps, which are UTC in the rows. */
  zone: string;
  currency: string | undefined;
  /** What the table shows, for screen readers. */
  label: string;
  /** Address of the page of a value; undefined without one. */
  linkOf?(column: string, row: Row): string | undefined;
  /** HTML of a last cell of each row. */
  actionOf?(row: Row): string;
}

/** A word that is broken to fit. */
const longText = /^.{28}/;

/** Values that say how well something is, by their words in lower case. */
const levels: Readonly<Record<string, 'good' | 'warn' | 'bad' | 'unknown'>> = {
  critical: 'bad',
  high: 'warn',
  faulted: 'bad',
  stale: 'bad',
  late: 'warn',
  unavailable: 'warn',
  healthy: 'good',
  available: 'good',
  charging: 'good',
  unknown: 'unknown',
};
const levelColumns = new Set(['severity', 'status']);

/** Rows as a table that scrolls sideways if it is too wide. */
export function tableHtml(columns: readonly DisplayColumn[], rows: readonly Row[], options: TableOptions): string {
  const { zone, currency, label, actionOf } = options;
  const localTime = zonedTimes(zone);
  const visible = columns.filter(({ name, optional }) => !optional || rows.some((row) => (row[name] ?? null) !== null));
  const isTime = ({ type }: DisplayColumn): boolean => type.startsWith('TIMESTAMP');
  const classOf = (column: DisplayColumn): string =>
    isNumeric(column) ? ' class="n"' : isTime(column) || column.type === 'DATE' ? ' class="t"' : '';
  const head = visible
    .map(
      (column) =>
        `<th scope="col"${classOf(column)}>${escapeHtml(upperFirst(zonedHeading(column, currency, zone)))}</th>`,
    )
    .join('');
  const body = rows.map((row) => {
    const cells = visible.map((column) => {
      const cell = row[column.name];
      const shown = isTime(column) && typeof cell === 'string' ? localTime(cell) : cell;
      const textOfCell = formatCell(shown, column);
      const attribute = !isNumeric(column) && longText.test(textOfCell) ? ' class="long"' : classOf(column);
      return `<td${attribute}>${cellHtml(column.name, cell, textOfCell, options.linkOf?.(column.name, row))}</td>`;
    });
    return `<tr>${cells.join('')}${actionOf ? `<td class="action">${actionOf(row)}</td>` : ''}</tr>`;
  });
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(label)}">
<table><thead><tr>${head}${actionOf ? '<td></td>' : ''}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table></div>`;
}

/** The only row, as a list of its columns. */
export function recordHtml(columns: readonly DisplayColumn[], [row]: readonly Row[], options: TableOptions): string {
  const { zone, currency } = options;
  const localTime = zonedTimes(zone);
  const items = columns.map((column) => {
    const cell = row?.[column.name];
    const isTime = column.type.startsWith('TIMESTAMP');
    const text = formatCell(isTime && typeof cell === 'string' ? localTime(cell) : cell, column);
    const name = upperFirst(zonedHeading(column, currency, zone));
    return `<dt>${escapeHtml(name)}</dt><dd>${cellHtml(column.name, cell, text, row && options.linkOf?.(column.name, row))}</dd>`;
  });
  return `<dl class="record">${items.join('')}</dl>`;
}

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function cellHtml(column: string, cell: Cell | undefined, text: string, url: string | undefined): string {
  if (url !== undefined) return anchor(url, text);
  const level = levelColumns.has(column) && typeof cell === 'string' ? levels[cell.toLowerCase()] : undefined;
  return level === undefined ? escapeHtml(text) : `<span class="badge ${level}">${escapeHtml(text)}</span>`;
}
