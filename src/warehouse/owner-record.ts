import { existsSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileFault } from '../errors.ts';

/** What the process that owns a database leaves beside it, so that others find it. */
export interface OwnerRecord {
  pid: number;
  /** Where it answers HTTP. */
  url: string;
  /** Where it answers other commands: a socket in a folder only its own user can enter. */
  address: string;
  /** The only folder of the disk the owner's DuckDB reads and writes. */
  spool: string;
  /** Of the program: another one may have other tables. */
  version: string;
}

const texts = ['url', 'address', 'spool', 'version'] as const;

/** Beside the file itself, by whatever other name it is opened. */
const recordOf = (path: string): string => `${existsSync(path) ? realpathSync(path) : path}.owner`;

/** Tells a file from a copy of it, with a copy of its record beside it. */
function identityOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
}

export function leaveRecord(path: string, record: OwnerRecord): void {
  removeRecord(path);
  try {
    writeFileSync(recordOf(path), `${JSON.stringify({ ...record, file: identityOf(path) })}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw fileFault(error, recordOf(path));
  }
}

export function removeRecord(path: string): void {
  try {
    rmSync(recordOf(path), { force: true });
  } catch (error) {
    throw fileFault((error as NodeJS.ErrnoException).code === 'ERR_FS_EISDIR' ? { code: 'EISDIR' } : error, recordOf(path));
  }
}

/** The record, if there is a whole one and it is this file's; its process may be gone. */
export function findRecord(path: string): OwnerRecord | undefined {
  try {
    const found = JSON.parse(readFileSync(recordOf(path), 'utf8')) as OwnerRecord & { file: string };
    return found.file === identityOf(path) && texts.every((name) => typeof found[name] === 'string') ? found : undefined;
  } catch {
    return undefined;
  }
}
