import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';

/** What the process that owns a database leaves beside it, so that others find it. */
export interface OwnerRecord {
  pid: number;
  /** Where it answers HTTP. */
  url: string;
  /** Where it answers other commands: a socket in a folder only its own user can enter. */
  address: string;
  /** That folder, the only one of the disk the owner's DuckDB reads and writes. */
  spool: string;
  /** Of the program: another one may have other tables. */
  version: string;
}

/** Beside the file itself, by whatever other name it is opened. */
const recordOf = (path: string): string => `${existsSync(path) ? realpathSync(path) : path}.owner`;

export const leaveRecord = (path: string, record: OwnerRecord): void => writeFileSync(recordOf(path), `${JSON.stringify(record)}\n`, { mode: 0o600 });

export const removeRecord = (path: string): void => rmSync(recordOf(path), { force: true });

/** The record, if there is a whole one; its process may be gone. */
export function findRecord(path: string): OwnerRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordOf(path), 'utf8')) as OwnerRecord;
  } catch {
    return undefined;
  }
}
