import type { ReportColumn } from '../catalog/definitions.ts';
import { plainLine } from '../text/plain-text.ts';
import type { Cell } from '../warehouse/values.ts';

/** A column as a table shows it: rows of any query, with or without a report behind them. */
export type DisplayColumn = Pick<ReportColumn, 'name' | 'type'> & { unit?: string; optional?: boolean };

const decimalPlaces: Record<string, [least: number, most: number]> = {
  kWh: [1, 1],
  kW: [1, 1],
  Wh: [0, 0],
  currency: [2, 2],
  minutes: [0, 0],
  seconds: [0, 1],
  percent: [0, 1],
  count: [0, 0],
};

/** A value as a person reads it: grouped thousands, the unit's decimals, shares as percent, a dash for null. */
export function formatCell(cell: Cell | undefined, { unit }: DisplayColumn): string {
  if (cell === null || cell === undefined) return '–';
  if (typeof cell === 'number') {
    if (unit === 'share') return `${formatDecimals(cell * 100, 1, 1)} %`;
    if (unit === 'line' || unit === 'hour' || unit === 'id') return String(cell);
    const [least, most] = decimalPlaces[unit ?? ''] ?? [0, 6];
    return formatDecimals(cell, least, most);
  }
  return plainLine(typeof cell === 'object' ? JSON.stringify(cell) : String(cell));
}

/** Grouped by thousands; Intl would say the same at the cost of a slower start. */
function formatDecimals(value: number, least: number, most: number): string {
  const [whole = '', fraction = ''] = value.toFixed(most).split('.');
  const fractionDigits = fraction.replace(/0+$/, '').padEnd(least, '0');
  return whole.replaceAll(/\B(?=(\d{3})+$)/g, ',') + (fractionDigits ? `.${fractionDigits}` : '');
}

const unitless = new Set(['count', 'share', 'hour', 'line', 'id']);

/** What stands after a column's name: its unit, the answer's currency for money. */
export function unitLabel({ unit }: DisplayColumn, currency: string | undefined): string | undefined {
  if (unit === undefined || unitless.has(unit)) return undefined;
  if (unit === 'currency') return currency === undefined ? undefined : plainLine(currency);
  return { minutes: 'min', seconds: 's', percent: '%' }[unit] ?? unit;
}

/** The words of a column's head: its name, then its unit unless the name says it. */
export function headWords(column: DisplayColumn, currency: string | undefined): string[] {
  const words = plainLine(column.name).split('_');
  const unit = unitLabel(column, currency);
  if (unit === undefined) return words;
  const last = words.at(-1)?.toLowerCase();
  const namesUnit = last === unit.toLowerCase() || last === column.unit || words.includes('minutes');
  return namesUnit ? words : [...words, `(${unit})`];
}

export const isNumeric = ({ type }: DisplayColumn): boolean => /INT|DOUBLE|FLOAT|DECIMAL/.test(type);
