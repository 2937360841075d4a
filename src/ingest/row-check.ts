/** A condition that rejects a row, with the column and reason to report. */
export interface RowCheck {
  when: string;
  column: string;
  reason: string;
  /** True if another check finds the same rows and this one only gives a more precise reason. */
  refinesOther?: boolean;
}
