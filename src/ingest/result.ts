import type { Step } from './layout.ts';
import type { Noted } from './notes.ts';
import type { Forms } from './rows.ts';
import type { Upserted } from './upsert.ts';

/** What a file holds for one source, before anything is written. */
export interface Found {
  file: string;
  source: string;
  mapping?: string;
  /** Lists in the file whose elements are the rows. */
  steps: Step[];
  forms: Forms;
  /** True where no one told the order of day and month but the file's own dates. */
  toldByDates: boolean;
  read: number;
  quarantined: number;
  /** Names in the file that no column of the source wants. */
  ignored: string[];
  /** Why rows were quarantined, most frequent first. */
  rejected: Noted[];
  /** What rows taken in hardly mean. */
  doubtful: Noted[];
  /** How often each field held a text that means nothing. */
  emptied: Record<string, number>;
}

/** The account of one file and source: read = added + updated + unchanged + quarantined. */
export interface Account extends Found, Upserted {
  seconds: number;
}

/** A file taken in before, unchanged and read the same way. */
export interface AlreadyIn {
  file: string;
  source: string;
  /** When, in UTC. */
  alreadyIn: string;
}

export type Ingested = Account | AlreadyIn;
