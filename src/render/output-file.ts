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

/** A file that is written piece by piece. */
export interface OutputFile {
  write(text: string): void;
  /** Puts it in its place, whole. */
  keep(): void;
  /** Leaves what was there before. */
  discard(): void;
}

/**
 * Opens a file for output. It is written under another name in the same folder and takes its place when it is whole; pipes, devices
 * and other things that are not regular files are written directly.
 * @throws WattduckError where the system refuses it, as all methods of the file do
 */
export function openOutputFile(path: string): OutputFile {
  const withFileErrors = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toFileError(error, path);
    }
  };
  const { target, temporary, file } = withFileErrors(() => openTarget(path));
  return {
    // Unlike writeSync it writes all of the text, or throws.
    write: (text) => withFileErrors(() => writeFileSync(file, text)),
    keep: () =>
      withFileErrors(() => {
        // Some file systems report a full disk only here.
        if (temporary !== undefined) fsyncSync(file);
        closeSync(file);
        if (temporary !== undefined) renameSync(temporary, target);
      }),
    discard: () => {
      try {
        closeSync(file);
      } catch {
        // It was closed when it could not take its place.
      }
      if (temporary !== undefined) rmSync(temporary, { force: true });
    },
  };
}

function openTarget(path: string): { target: string; temporary?: string; file: number } {
  const target = targetPath(path);
  const existing = existsSync(target) ? statSync(target) : undefined;
  // What /dev/stdout leads to may be a regular file that another process writes too.
  if (/^\/(dev|proc)\//.test(resolve(path)) || (existing !== undefined && !existing.isFile()))
    return { target, file: openSync(target, 'w') };
  if (existing) accessSync(target, constants.W_OK);
  const temporary = join(dirname(target), `.wattduck-${randomUUID()}.tmp`);
  const file = openSync(temporary, 'wx');
  fchmodSync(file, existing?.mode ?? userFileMode());
  return { target, temporary, file };
}

/** Where a file is or will be; a link to it stays one. */
function targetPath(path: string): string {
  if (/^\/(dev|proc)\//.test(resolve(path))) return path;
  if (existsSync(path)) return realpathSync(path);
  const isDangling = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isDangling ? resolve(dirname(path), readlinkSync(path)) : path;
}
