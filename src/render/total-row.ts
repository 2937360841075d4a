import type { Row } from '../warehouse/values.ts';
import type { DisplayColumn } from './cells.ts';

/** A row with the sums of columns: the first column without one says Total, the others are empty. */
export function labelTotal(columns: readonly DisplayColumn[], sums: Row): Row {
  const label = columns.find(({ name }) => !(name in sums))?.name;
  return Object.fromEntries(columns.map(({ name }) => [name, name === label ? 'Total' : (sums[name] ?? '')]));
}
