import type { NestedList } from './json-document.ts';
import type { LogSessionCounts } from './log-sessions.ts';
import type { RowIssue } from './row-issues.ts';
import type { ValueFormats } from './text-rows.ts';
import type { KeyConflict, UpsertCounts } from './upsert.ts';

/** Summary of a file's rows for one source, before anything is written. */
export interface FileSummary {
  file: string;
  source: string;
  mapping?: string;
  /** Nested lists whose elements are the rows. */
  steps: NestedList[];
  forms: ValueFormats;
  /** True if the date order was detected from the dates in the file. */
  toldByDates: boolean;
  /** True if the decimal mark was detected from the numbers in the file. */
  toldByNumbers: boolean;
  read: number;
  quarantined: number;
  /** Number of rows that are neither imported nor rejected, such as totals. */
  skipped: number;
  /** What was detected about the file, for the user. */
  notes: string[];
  /** Field names of the file that are not imported. */
  ignored: string[];
  /** Reasons of rejected rows, most frequent first. */
  rejected: RowIssue[];
  /** Reasons of skipped rows, most frequent first. */
  skips: RowIssue[];
  /** Implausible values in imported rows. */
  doubtful: RowIssue[];
  /** Number of null markers (such as NA) by field. */
  emptied: Record<string, number>;
}

/** Result of importing one file into one source: read = added + updated + unchanged + superseded + quarantined + skipped. */
export interface IngestResult extends FileSummary, UpsertCounts {
  /** Rows with the same key that are not versions of each other. */
  conflicts: KeyConflict[];
  /** Changes of the sessions that come from OCPP transactions, if the import has any of these. */
  logSessions?: LogSessionCounts;
  seconds: number;
}

/** A file skipped because it was imported before, unchanged and read the same way. */
export interface SkippedFile {
  file: string;
  source: string;
  /** Time of that import, in UTC. */
  alreadyIn: string;
}

export type IngestOutcome = IngestResult | SkippedFile;
