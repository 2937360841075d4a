import { randomUUID } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { toFileError } from '../errors/system-error.ts';
import { userFileMode } from '../file-mode.ts';

/** An output file that is written in parts. */
export interface OutputFile {
  write(piece: string | Uint8Array): void;
  /** Closes the complete file without moving it yet, so that many files can wait for each other. */
  close(): void;
  /** Moves the complete file into place. */
  keep(): void;
  /** Removes the new file and keeps the old one. */
  discard(): void;
}

/**
 * Opens a file for output. It is written to a temporary file in the same folder and moved into place when it is complete;
 * pipes, devices and other special files are written directly.
 * @param mode permissions of a new file; by default those of the user's umask
 * @throws WattduckError for file-system errors, here and in all methods
 */
export function openOutputFile(path: string, mode?: number): OutputFile {
  const withFileErrors = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toFileError(error, path);
    }
  };
  const { target, temporary, file } = withFileErrors(() => openTarget(path, mode));
  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    // Some file systems report a full disk only on fsync.
    if (temporary !== undefined) fsyncSync(file);
    isClosed = true;
    closeSync(file);
  };
  return {
    // Unlike writeSync, writeFileSync writes the complete piece or throws.
    write: (piece) => withFileErrors(() => writeFileSync(file, piece)),
    close: () => withFileErrors(close),
    keep: () =>
      withFileErrors(() => {
        close();
        if (temporary !== undefined) renameSync(temporary, target);
      }),
    discard: () => {
      try {
        if (!isClosed) closeSync(file);
      } catch {
        // The file is removed anyway.
      }
      if (temporary !== undefined) rmSync(temporary, { force: true });
    },
  };
}

function openTarget(path: string, mode?: number): { target: string; temporary?: string; file: number } {
  const target = targetPath(path);
  const existing = existsSync(target) ? statSync(target) : undefined;
  // /dev/stdout may be a regular file that another process writes too.
  if (/^\/(dev|proc)\//.test(resolve(path)) || (existing !== undefined && !existing.isFile()))
    return { target, file: openSync(target, 'w') };
  if (existing) accessSync(target, constants.W_OK);
  const temporary = join(dirname(target), `.wattduck-${randomUUID()}.tmp`);
  const file = openSync(temporary, 'wx');
  fchmodSync(file, existing?.mode ?? mode ?? userFileMode());
  return { target, temporary, file };
}

/** Path of the file itself; a symbolic link to it is kept. */
function targetPath(path: string): string {
  if (/^\/(dev|proc)\//.test(resolve(path))) return path;
  if (existsSync(path)) return realpathSync(path);
  const isDangling = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isDangling ? resolve(dirname(path), readlinkSync(path)) : path;
}
