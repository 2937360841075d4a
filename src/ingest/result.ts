import type { NestedList } from './layout.ts';
import type { RowIssue } from './row-issues.ts';
import type { ValueFormats } from './text-rows.ts';
import type { UpsertCounts } from './upsert.ts';

/** What a file holds for one source, before anything is written. */
export interface FileSummary {
  file: string;
  source: string;
  mapping?: string;
  /** Lists in the file whose elements are the rows. */
  steps: NestedList[];
  forms: ValueFormats;
  /** True where no one told the order of day and month but the file's own dates. */
  toldByDates: boolean;
  read: number;
  quarantined: number;
  /** Names in the file that no column of the source wants. */
  ignored: string[];
  /** Why rows were quarantined, most frequent first. */
  rejected: RowIssue[];
  /** What rows taken in hardly mean. */
  doubtful: RowIssue[];
  /** How often each field held a text that means nothing. */
  emptied: Record<string, number>;
}

/** The account of one file and source: read = added + updated + unchanged + quarantined. */
export interface IngestResult extends FileSummary, UpsertCounts {
  seconds: number;
}

/** A file taken in before, unchanged and read the same way. */
export interface SkippedFile {
  file: string;
  source: string;
  /** When, in UTC. */
  alreadyIn: string;
}

export type IngestOutcome = IngestResult | SkippedFile;
