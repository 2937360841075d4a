import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { toFileError } from '../errors/system-error.ts';
import { identityOf, isOwnSocket, isPrivateFolder, untrustedReason } from './private-path.ts';

/** What the process that owns a database leaves beside it, so that others find it. */
export interface LockRecord {
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

/** The record as it is written: with the identity of the database file, and of each folder the owner made. */
interface StoredLockRecord extends LockRecord {
  file: string;
  folders: Record<string, string>;
}

/** How folders of an owner begin; `mkdtemp` adds six characters. */
export const workDirPrefix = 'wattduck-';
const workDirPattern = new RegExp(`^${workDirPrefix}\\w{6}$`);
/** Name of the socket in its folder. */
export const socketName = 'guests';

const textFields = ['url', 'address', 'spool', 'version', 'file'] as const;

/** Beside the file itself, by whatever other name it is opened. */
const lockFilePath = (path: string): string => `${existsSync(path) ? realpathSync(path) : path}.owner`;

/** Answers how to remove the record again. */
export function writeLockFile(path: string, record: LockRecord): () => void {
  const lockFile = lockFilePath(path);
  removeLockFile(lockFile);
  const folders = Object.fromEntries(
    [record.spool, dirname(record.address)].map((folder) => [folder, identityOf(lstatSync(folder, { bigint: true }))]),
  );
  const content: StoredLockRecord = { ...record, file: identityOf(statSync(path, { bigint: true })), folders };
  const text = `${JSON.stringify(content)}\n`;
  try {
    writeFileSync(lockFile, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw toFileError(error, lockFile);
  }
  return () => {
    // Where the database was replaced, another server may have left its own by now.
    if (readTrusted(lockFile) === text) removeLockFile(lockFile);
  };
}

function removeLockFile(lockFile: string): void {
  try {
    rmSync(lockFile, { force: true });
  } catch (error) {
    throw toFileError((error as NodeJS.ErrnoException).code === 'ERR_FS_EISDIR' ? { code: 'EISDIR' } : error, lockFile);
  }
}

/**
 * The record, if there is a whole one and it is this file's; its process may be gone.
 * @param warn hears why a record is ignored that another user may have written
 */
export const readLockFile = (path: string, warn?: (line: string) => void): LockRecord | undefined =>
  readStored(path, warn);

function readStored(path: string, warn?: (line: string) => void): StoredLockRecord | undefined {
  try {
    const stored = JSON.parse(readTrusted(lockFilePath(path), warn) ?? 'null') as StoredLockRecord | null;
    return stored !== null && isComplete(stored) && stored.file === identityOf(statSync(path, { bigint: true }))
      ? stored
      : undefined;
  } catch {
    return undefined;
  }
}

const isComplete = (stored: StoredLockRecord): boolean =>
  textFields.every((name) => typeof stored[name] === 'string') &&
  [stored.spool, dirname(stored.address)].every((folder) => typeof stored.folders[folder] === 'string');

/** The text of a record, unless another user can have written it. */
function readTrusted(lockFile: string, warn?: (line: string) => void): string | undefined {
  let file: number;
  try {
    // A link would lead to a file of somebody else's choice; opening a pipe would wait for its writer.
    file = openSync(lockFile, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') warn?.(`${lockFile} is ignored: it is a symbolic link`);
    if (code === 'EACCES') warn?.(`${lockFile} is ignored: it belongs to another user`);
    return undefined;
  }
  try {
    const stats = fstatSync(file);
    const reason = stats.isFile() ? untrustedReason(stats) : 'it is not a file';
    if (reason === undefined) return readFileSync(file, 'utf8');
    warn?.(`${lockFile} is ignored: ${reason}`);
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Whether the socket a record names, and both folders, are those its owner made, and only this user can enter them. */
export function isReachable(record: LockRecord): boolean {
  const { address, spool, folders } = record as StoredLockRecord;
  return (
    [spool, dirname(address)].every((folder) => isOwnFolder(folder, folders[folder])) &&
    basename(address) === socketName &&
    isOwnSocket(address)
  );
}

const isOwnFolder = (folder: string, identity: string | undefined): boolean =>
  identity !== undefined && workDirPattern.test(basename(folder)) && isPrivateFolder(folder, identity);

/** Removes the record of an owner that was killed, and the folders that it made. */
export function removeStaleLock(path: string): void {
  for (const [folder, identity] of Object.entries(readStored(path)?.folders ?? {})) {
    if (isOwnFolder(folder, identity)) rmSync(folder, { recursive: true, force: true });
  }
  removeLockFile(lockFilePath(path));
}
