import type { ReportColumn } from '../catalog/definitions.ts';
import { formatCell, unitLabel } from '../render/cells.ts';
import { clipValue, plainLine } from '../text/plain-text.ts';
import type { Cell, Row } from '../warehouse/values.ts';

/** Values from here on would overflow in sums and differences; they are left out. */
const maxMagnitude = 1e300;
/** Smaller values are drawn as zero: their scale would be infinite. */
const minMagnitude = 1e-200;

/** A column of numbers, as charts show it. */
export interface Measure {
  column: ReportColumn;
  /** Name for people: `Energy`. */
  label: string;
  /** Unit on axes: `kWh`, `EUR`, `%`; undefined for counts. */
  unit: string | undefined;
  /** The number in a row, shares in percent; null if there is none. */
  valueOf(row: Row): number | null;
  /** A value with its unit. */
  format(value: number | null): string;
  /** A value without its unit, which is in the sub-title; shares keep their sign. */
  formatShort(value: number): string;
  /** The end of a scale with its unit: without zeros after the decimal point. */
  formatBound(value: number): string;
}

/** The number in a cell; null for anything else. */
export function toNumber(cell: Cell | undefined): number | null {
  if (cell === null || cell === undefined || cell === '' || typeof cell === 'boolean') return null;
  const value = Number(cell);
  if (!Number.isFinite(value) || Math.abs(value) >= maxMagnitude) return null;
  return Math.abs(value) < minMagnitude ? 0 : value;
}

/** A column to draw. @throws Error if the rows have no such column */
export function measureOf(columns: readonly ReportColumn[], name: string, currency: string | undefined): Measure {
  const column = columnOf(columns, name);
  const factor = column.unit === 'share' ? 100 : 1;
  const unit = column.unit === 'share' ? '%' : unitLabel(column, currency);
  return {
    column,
    label: columnLabel(column),
    unit,
    valueOf: (row) => {
      const value = toNumber(row[name]);
      return value === null ? null : factor === 1 ? value : Number((value * factor).toPrecision(12));
    },
    format: (value) => (value === null ? 'no value' : formatValue(value / factor, column, currency)),
    formatShort: (value) => formatCell(value / factor, column),
    formatBound: (value) =>
      formatValue(Number((value / factor).toPrecision(4)), column, currency).replace(/\.0+(?=\D|$)/, ''),
  };
}

/** A column by name. */
export function columnOf(columns: readonly ReportColumn[], name: string): ReportColumn {
  const column = columns.find((each) => each.name === name);
  if (!column) throw new Error(`no column ${name}`);
  return column;
}

/** A value with its unit. */
export function formatValue(cell: Cell | undefined, column: ReportColumn, currency: string | undefined): string {
  const unit = unitLabel(column, currency);
  const text = formatCell(cell, column);
  return unit === undefined || cell === null || cell === undefined ? text : `${text} ${unit}`;
}

const unitWords: Readonly<Record<string, readonly string[]>> = {
  kWh: ['kwh'],
  kW: ['kw'],
  Wh: ['wh'],
  percent: ['percent'],
  minutes: ['minutes'],
  seconds: ['seconds'],
};

/** The name of a column for people, without its unit. */
export function columnLabel({ name, unit }: ReportColumn): string {
  const words = plainLine(name).split('_').filter(Boolean);
  const isUnit = words.length > 1 && (unitWords[unit ?? '']?.includes(words.at(-1)!.toLowerCase()) ?? false);
  const text = (isUnit ? words.slice(0, -1) : words).join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The text of a cell that names something. */
export function labelOf(cell: Cell | undefined, { unit, bucket }: ReportColumn): string {
  if (cell === null || cell === undefined || cell === '') return '(none)';
  if (unit === 'weekday' && weekdays[Number(cell) - 1] !== undefined) return weekdays[Number(cell) - 1]!;
  const text = plainLine(typeof cell === 'object' ? JSON.stringify(cell) : String(cell).slice(0, 1000));
  if (bucket === 'month' && /^\d{4}-\d\d-01$/.test(text)) return text.slice(0, 7);
  return clipValue(text.replace(/ 00:00:00$/, '')) || '(none)';
}

/** Descriptions of further columns of a row: `, sessions 12`. */
export const moreText = (
  row: Row,
  names: readonly string[],
  columns: readonly ReportColumn[],
  currency: string | undefined,
): string =>
  names
    .map((name) => columnOf(columns, name))
    .map(
      (column) =>
        `, ${columnLabel(column).toLowerCase()} ${clipValue(formatValue(row[column.name], column, currency))}`,
    )
    .join('');
