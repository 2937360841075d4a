import type { ReportColumn } from '../../catalog/definitions.ts';
import type { Row } from '../../warehouse/values.ts';
import { groupBy } from '../group-by.ts';
import { columnOf, labelOf } from '../measure.ts';

/** A label for each row; equal names are followed by those IDs in which their rows differ. */
export function distinctLabels(
  rows: readonly (Row | undefined)[],
  name: string,
  ids: readonly string[],
  columns: readonly ReportColumn[],
): string[] {
  const column = columnOf(columns, name);
  const names = rows.map((row) => (row === undefined ? '' : labelOf(row[name], column)));
  const groups = groupBy(rows.keys(), (at) => names[at]!);
  return rows.map((row, at) => {
    const equal = groups.get(names[at]!)!;
    if (row === undefined || equal.length === 1) return names[at]!;
    const different = ids.filter((id) => new Set(equal.map((each) => rows[each]?.[id])).size > 1);
    const suffix = different.map((id) => labelOf(row[id], columnOf(columns, id))).join('/');
    return suffix === '' ? names[at]! : `${names[at]!} (${suffix})`;
  });
}
