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
import { fileFault } from '../errors.ts';
import { distrust, identityOf, isOwnSocket, isPrivateFolder } from './private-path.ts';

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

/** The record as it is written: with the identity of the database file, and of each folder the owner made. */
interface Stored extends OwnerRecord {
  file: string;
  folders: Record<string, string>;
}

/** How folders of an owner begin; `mkdtemp` adds six characters. */
export const spoolName = 'wattduck-';
const isSpool = new RegExp(`^${spoolName}\\w{6}$`);
/** Name of the socket in its folder. */
export const socketName = 'guests';

const texts = ['url', 'address', 'spool', 'version', 'file'] as const;

/** Beside the file itself, by whatever other name it is opened. */
const recordOf = (path: string): string => `${existsSync(path) ? realpathSync(path) : path}.owner`;

/** Answers how to remove the record again. */
export function leaveRecord(path: string, record: OwnerRecord): () => void {
  const beside = recordOf(path);
  remove(beside);
  const folders = Object.fromEntries(
    [record.spool, dirname(record.address)].map((folder) => [folder, identityOf(lstatSync(folder, { bigint: true }))]),
  );
  const stored: Stored = { ...record, file: identityOf(statSync(path, { bigint: true })), folders };
  const text = `${JSON.stringify(stored)}\n`;
  try {
    writeFileSync(beside, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw fileFault(error, beside);
  }
  return () => {
    // Where the database was replaced, another server may have left its own by now.
    if (readTrusted(beside) === text) remove(beside);
  };
}

function remove(beside: string): void {
  try {
    rmSync(beside, { force: true });
  } catch (error) {
    throw fileFault((error as NodeJS.ErrnoException).code === 'ERR_FS_EISDIR' ? { code: 'EISDIR' } : error, beside);
  }
}

/**
 * The record, if there is a whole one and it is this file's; its process may be gone.
 * @param warn hears why a record is ignored that another user may have written
 */
export const findRecord = (path: string, warn?: (line: string) => void): OwnerRecord | undefined =>
  findStored(path, warn);

function findStored(path: string, warn?: (line: string) => void): Stored | undefined {
  try {
    const found = JSON.parse(readTrusted(recordOf(path), warn) ?? 'null') as Stored | null;
    return found !== null && isWhole(found) && found.file === identityOf(statSync(path, { bigint: true }))
      ? found
      : undefined;
  } catch {
    return undefined;
  }
}

const isWhole = (found: Stored): boolean =>
  texts.every((name) => typeof found[name] === 'string') &&
  [found.spool, dirname(found.address)].every((folder) => typeof found.folders[folder] === 'string');

/** The text of a record, unless another user can have written it. */
function readTrusted(beside: string, warn?: (line: string) => void): string | undefined {
  let file: number;
  try {
    // A link would lead to a file of somebody else's choice; opening a pipe would wait for its writer.
    file = openSync(beside, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') warn?.(`${beside} is ignored: it is a symbolic link`);
    if (code === 'EACCES') warn?.(`${beside} is ignored: it belongs to another user`);
    return undefined;
  }
  try {
    const stats = fstatSync(file);
    const reason = stats.isFile() ? distrust(stats) : 'it is not a file';
    if (reason === undefined) return readFileSync(file, 'utf8');
    warn?.(`${beside} is ignored: ${reason}`);
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Whether the socket a record names, and both folders, are those its owner made, and only this user can enter them. */
export function isReachable(record: OwnerRecord): boolean {
  const { address, spool, folders } = record as Stored;
  return (
    [spool, dirname(address)].every((folder) => isOwnFolder(folder, folders[folder])) &&
    basename(address) === socketName &&
    isOwnSocket(address)
  );
}

const isOwnFolder = (folder: string, identity: string | undefined): boolean =>
  identity !== undefined && isSpool.test(basename(folder)) && isPrivateFolder(folder, identity);

/** Removes the record of an owner that was killed, and the folders that it made. */
export function clearLeftovers(path: string): void {
  for (const [folder, identity] of Object.entries(findStored(path)?.folders ?? {})) {
    if (isOwnFolder(folder, identity)) rmSync(folder, { recursive: true, force: true });
  }
  remove(recordOf(path));
}
