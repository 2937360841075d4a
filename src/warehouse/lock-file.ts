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

/** Content of the lock file: how other processes reach the server that holds the database. */
export interface LockRecord {
  pid: number;
  /** URL of its HTTP server. */
  url: string;
  /** Socket for other commands, in a folder that only this user can enter. */
  address: string;
  /** The only folder that DuckDB of the server may read and write. */
  spool: string;
  /** Version of wattduck: another version may have other tables. */
  version: string;
}

/** The record as stored, with the identity of the database file and of each folder the server created. */
interface StoredLockRecord extends LockRecord {
  file: string;
  folders: Record<string, string>;
}

/** Prefix of the folders of a server; `mkdtemp` adds six characters. */
export const workDirPrefix = 'wattduck-';
const workDirPattern = new RegExp(`^${workDirPrefix}\\w{6}$`);
/** File name of the socket. */
export const socketName = 'socket';

const textFields = ['url', 'address', 'spool', 'version', 'file'] as const;

/** Next to the file itself, even if it is opened through a link. */
const lockFilePath = (path: string): string => `${existsSync(path) ? realpathSync(path) : path}.owner`;

/** Writes the lock file and returns a function that removes it. */
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
    // If the database was replaced, the lock file may belong to another server by now.
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
 * Reads a complete lock file of this database; its process may have ended.
 * @param warn receives the reason if the file is ignored because another user may have written it
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

/** Text of the lock file, unless another user may have written it. */
function readTrusted(lockFile: string, warn?: (line: string) => void): string | undefined {
  let file: number;
  try {
    // Another user could place a link to any file, or a pipe that blocks.
    file = openSync(lockFile, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') warn?.(`warning: ${lockFile} ignored: it is a symbolic link`);
    if (code === 'EACCES') warn?.(`warning: ${lockFile} ignored: it belongs to another user`);
    return undefined;
  }
  try {
    const stats = fstatSync(file);
    const reason = stats.isFile() ? untrustedReason(stats) : 'it is not a file';
    if (reason === undefined) return readFileSync(file, 'utf8');
    warn?.(`warning: ${lockFile} ignored: ${reason}`);
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Whether the socket and both folders are the ones the server created, and only this user can enter them. */
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

/** Removes the lock file and the folders of a server that was killed. */
export function removeStaleLock(path: string): void {
  for (const [folder, identity] of Object.entries(readStored(path)?.folders ?? {})) {
    if (isOwnFolder(folder, identity)) rmSync(folder, { recursive: true, force: true });
  }
  removeLockFile(lockFilePath(path));
}
