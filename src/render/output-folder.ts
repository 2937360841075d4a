import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { toFileError } from '../errors/system-error.ts';
import { userFolderMode } from '../file-mode.ts';

export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Creates a folder and those above it. Returns whether it did not exist. @throws WattduckError for file-system errors */
export function createFolder(folder: string): boolean {
  try {
    const first = mkdirSync(folder, { recursive: true });
    if (first === undefined) return false;
    // The files are for others: only the database is private.
    for (let current = resolve(folder); current.length >= resolve(first).length; current = dirname(current))
      chmodSync(current, userFolderMode());
    return true;
  } catch (error) {
    throw toFileError(error, folder);
  }
}
