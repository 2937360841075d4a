import { beforeOf } from '../../catalog/compared-columns.ts';
import type { ReportColumn } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { Row } from '../../warehouse/values.ts';
import { columnOf, labelOf } from '../measure.ts';

/** The cells of a row that identify its mark, as one text. */
export const identityOf = (row: Row, names: readonly string[]): string =>
  JSON.stringify(names.map((name) => row[name] ?? null));

/** @throws WattduckError (chart_rows_not_unique) if a mark has several rows, because of parameters that the user chose */
export function assertUnique(rows: readonly Row[], names: readonly string[], columns: readonly ReportColumn[]): void {
  const known = new Set<string>();
  for (const row of rows) {
    const identity = identityOf(row, names);
    if (known.has(identity))
      throw new WattduckError('chart_rows_not_unique', {
        label: names.map((name) => labelOf(row[name], columnOf(columns, name))).join(', '),
      });
    known.add(identity);
  }
}

export const hasColumn = (columns: readonly ReportColumn[], name: string): boolean =>
  columns.some((column) => column.name === name);

/** The rows that have a place: in a comparison, a date of the earlier period alone has none in this one. */
export function placedRows(
  rows: readonly Row[],
  names: readonly (string | undefined)[],
  columns: readonly ReportColumn[],
): Row[] {
  const dates = names.filter((name) => name !== undefined).filter((name) => hasColumn(columns, beforeOf(name)));
  return rows.filter((row) => dates.every((name) => (row[name] ?? null) !== null));
}
