import type { ReportColumn } from '../../catalog/definitions.ts';
import type { Row } from '../../warehouse/values.ts';
import { groupBy } from '../group-by.ts';
import { columnOf, labelOf } from '../measure.ts';

/** A label for each row; equal names are followed by those IDs in which their rows differ, and IDs replace missing names. */
export function distinctLabels(
  rows: readonly (Row | undefined)[],
  name: string,
  ids: readonly string[],
  columns: readonly ReportColumn[],
): string[] {
  const column = columnOf(columns, name);
  const idText = (row: Row, names: readonly string[]): string =>
    names.map((id) => labelOf(row[id], columnOf(columns, id))).join('/');
  const hasName = (row: Row): boolean => (row[name] ?? '') !== '';
  const names = rows.map((row) => {
    if (row === undefined) return '';
    return hasName(row) || ids.length === 0 ? labelOf(row[name], column) : idText(row, ids);
  });
  const groups = groupBy(rows.keys(), (at) => names[at]!);
  return rows.map((row, at) => {
    const equal = groups.get(names[at]!)!;
    if (row === undefined || equal.length === 1) return names[at]!;
    const different = ids.filter((id) => new Set(equal.map((each) => rows[each]?.[id])).size > 1);
    const suffix = hasName(row) ? idText(row, different) : '';
    return suffix === '' ? names[at]! : `${names[at]!} (${suffix})`;
  });
}
