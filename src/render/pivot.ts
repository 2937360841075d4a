import { WattduckError } from '../errors/wattduck-error.ts';
import { suggest } from '../text/names.ts';
import type { Cell, Row } from '../warehouse/values.ts';
import type { DisplayColumn } from './cells.ts';

/** Max columns that values become. */
const maxColumns = 200;

/**
 * Turns the values of one column into columns, filled with the last of the other columns; the rest names the rows.
 * @throws WattduckError (usage) if the column is missing, has too many values, or a cell would have two values
 */
export function pivotRows(
  columns: readonly DisplayColumn[],
  rows: readonly Row[],
  name: string,
): { columns: DisplayColumn[]; rows: Row[] } {
  const others = columns.filter((column) => column.name !== name);
  const value = others.at(-1);
  if (others.length === columns.length)
    throw new WattduckError('unknown_column', {
      name,
      suggestion: suggest(
        name,
        columns.map((column) => column.name),
      ),
    });
  if (!value || columns.length < 2) throw new WattduckError('pivot_without_value', { name });
  const keys = others.slice(0, -1);
  const headings = [...new Set(rows.map((row) => headingOf(row[name])))].toSorted();
  if (headings.length > maxColumns)
    throw new WattduckError('pivot_too_wide', { name, count: headings.length, max: maxColumns });
  const taken = headings.find((heading) => keys.some((key) => key.name === heading));
  if (taken !== undefined) throw new WattduckError('pivot_name_taken', { name, value: taken });
  const pivoted = new Map<string, { row: Row; filled: Set<string> }>();
  for (const row of rows) {
    const key = JSON.stringify(keys.map((column) => row[column.name] ?? null));
    const target = pivoted.get(key) ?? { row: emptyRow(keys, headings, row), filled: new Set<string>() };
    pivoted.set(key, target);
    const heading = headingOf(row[name]);
    if (target.filled.has(heading)) throw new WattduckError('pivot_not_unique', { name, value: heading });
    target.filled.add(heading);
    target.row[heading] = row[value.name] ?? null;
  }
  return {
    columns: [...keys, ...headings.map((heading) => ({ ...value, name: heading }))],
    rows: [...pivoted.values()].map(({ row }) => row),
  };
}

const headingOf = (cell: Cell | undefined): string => (cell === null || cell === undefined ? 'null' : String(cell));

/** A row with its key and no values. */
const emptyRow = (keys: readonly DisplayColumn[], headings: readonly string[], row: Row): Row =>
  Object.fromEntries([
    ...keys.map((key): [string, Cell] => [key.name, row[key.name] ?? null]),
    ...headings.map((heading): [string, Cell] => [heading, null]),
  ]);
