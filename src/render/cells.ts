import type { ReportColumn } from '../catalog/definitions.ts';
import type { Cell } from '../warehouse/values.ts';

/** A column as a table shows it: rows of any query, with or without a report behind them. */
export type ShownColumn = Pick<ReportColumn, 'name' | 'type'> & { unit?: string };

const digits: Record<string, [least: number, most: number]> = {
  kWh: [1, 1], Wh: [0, 0], currency: [2, 2], minutes: [0, 0], seconds: [0, 1], percent: [0, 1], count: [0, 0],
};

/** A value as a person reads it: grouped thousands, the unit's decimals, shares as percent, nothing for null. */
export function show(cell: Cell | undefined, { unit }: ShownColumn): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') {
    if (unit === 'share') return `${decimals(cell * 100, 1, 1)} %`;
    if (unit === 'line' || unit === 'hour') return String(cell);
    const [least, most] = digits[unit ?? ''] ?? [0, 6];
    return decimals(cell, least, most);
  }
  return flat(typeof cell === 'object' ? JSON.stringify(cell) : String(cell));
}

const decimals = (value: number, least: number, most: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: least, maximumFractionDigits: most });

/** Line breaks and control bytes would break a table, or a terminal. */
const flat = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (found) => (found === '\n' ? '↵' : found === '\t' ? ' ' : '·'));

const wordless = new Set(['count', 'share', 'hour', 'line']);

/** What stands after a column's name: its unit, the answer's currency for money. */
export function unitLabel({ unit }: ShownColumn, currency: string | undefined): string | undefined {
  if (unit === undefined || wordless.has(unit)) return undefined;
  if (unit === 'currency') return currency;
  return { minutes: 'min', seconds: 's', percent: '%' }[unit] ?? unit;
}

export const isNumeric = ({ type }: ShownColumn): boolean => /INT|DOUBLE|FLOAT|DECIMAL/.test(type);
