import type { Cell } from '../warehouse/values.ts';

/** Colours of values that need attention. The value itself says the same: colour is never the only signal. */
export type CellColour = 'red' | 'yellow';

const redWords = new Set(['faulted', 'critical', 'failed', 'offline', 'stale', 'unavailable', 'invalid', 'error']);
const yellowWords = new Set(['high', 'late', 'open', 'degraded', 'suspended', 'suspendedevse', 'suspendedev']);

/** The colour of a value: red for faults, critical issues and negative numbers, yellow for warnings; undefined for others. */
export function cellColour(cell: Cell | undefined): CellColour | undefined {
  if (typeof cell === 'number') return cell < 0 ? 'red' : undefined;
  if (typeof cell !== 'string') return undefined;
  const word = cell.toLowerCase();
  return redWords.has(word) ? 'red' : yellowWords.has(word) ? 'yellow' : undefined;
}
