import type { ReportColumn } from '../catalog/definitions.ts';
import { plainLine } from '../text/plain-text.ts';
import type { Cell } from '../warehouse/values.ts';

/** A column to print, of a report or of any query. */
export type DisplayColumn = Pick<ReportColumn, 'name' | 'type'> & { unit?: string; optional?: boolean };

/** Decimal places by unit. */
const decimalPlaces: Record<string, [min: number, max: number]> = {
  kWh: [1, 1],
  kW: [1, 1],
  Wh: [0, 0],
  currency: [2, 2],
  minutes: [0, 0],
  seconds: [0, 1],
  percent: [0, 1],
  count: [0, 0],
};

/** Formats a value for people: grouped thousands, decimals by unit, shares as percent, a dash for null. */
export function formatCell(cell: Cell | undefined, { unit }: DisplayColumn): string {
  if (cell === null || cell === undefined) return '–';
  if (typeof cell === 'number') {
    if (unit === 'share') return `${formatDecimals(cell * 100, 1, 1)} %`;
    if (unit === 'line' || unit === 'hour' || unit === 'id') return String(cell);
    const [min, max] = decimalPlaces[unit ?? ''] ?? [0, 6];
    return formatDecimals(cell, min, max);
  }
  return plainLine(typeof cell === 'object' ? JSON.stringify(cell) : String(cell));
}

/** Same output as Intl.NumberFormat, which would slow down the start. */
function formatDecimals(value: number, min: number, max: number): string {
  const [whole = '', fraction = ''] = value.toFixed(max).split('.');
  const fractionDigits = fraction.replace(/0+$/, '').padEnd(min, '0');
  return whole.replaceAll(/\B(?=(\d{3})+$)/g, ',') + (fractionDigits ? `.${fractionDigits}` : '');
}

const unitless = new Set(['count', 'share', 'hour', 'weekday', 'line', 'id']);

/** Label after the name of a column: its unit, or the currency for money. */
export function unitLabel({ unit }: DisplayColumn, currency: string | undefined): string | undefined {
  if (unit === undefined || unitless.has(unit)) return undefined;
  if (unit === 'currency') return currency === undefined ? undefined : plainLine(currency);
  return { minutes: 'min', seconds: 's', percent: '%' }[unit] ?? unit;
}

/** Words of a column heading: its name, then its unit: `energy_kwh` and `energy` in kWh are both `energy (kWh)`. */
export function headWords(column: DisplayColumn, currency: string | undefined): string[] {
  const words = plainLine(column.name)
    .split('_')
    // The change of an energy is a share.
    .filter((word, at) => column.unit !== 'share' || at === 0 || !['kwh', 'kw', 'wh'].includes(word.toLowerCase()));
  const unit = unitLabel(column, currency);
  // A name such as `total_minutes` says its unit in full.
  if (unit === undefined || words.includes(unit) || words.includes(column.unit!)) return words;
  const at = words.findLastIndex((word) => word.toLowerCase() === unit.toLowerCase());
  if (words.length === 1 && at === 0) return words;
  return [...words.filter((_, index) => index !== at), `(${unit})`];
}

/** A column heading in one line. */
export const heading = (column: DisplayColumn, currency: string | undefined): string =>
  headWords(column, currency).join(' ');

export const isNumeric = ({ type }: DisplayColumn): boolean => /INT|DOUBLE|FLOAT|DECIMAL/.test(type);
