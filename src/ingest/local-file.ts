import { constants, createReadStream, createWriteStream, openSync, type BigIntStats } from 'node:fs';
import { link, realpath, stat, symlink } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { toFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';

/** A file in the temporary folder, under a safe name. */
export interface LocalFile {
  path: string;
  bytes: number;
  /** @throws WattduckError if the file changed since it was opened */
  assertUnchanged(): Promise<void>;
}

export interface LocalFileOptions {
  name: string;
  stdin: Readable;
  /** The only folder DuckDB may read, if it is restricted to one. */
  workDir: string | undefined;
  scratch: () => Promise<string>;
  /** Stops reading when aborted. */
  signal?: AbortSignal | undefined;
}

/**
 * Puts a file into the temporary folder: a link if it can be read more than once, else a copy.
 * DuckDB interprets a path as a glob pattern, a URL or Hive partitions (`key=value`), so it never gets a user's path.
 */
export async function localFile(original: string, options: LocalFileOptions): Promise<LocalFile> {
  const { name, stdin, scratch, signal } = options;
  try {
    const isStdin = original === '-';
    const stats = isStdin ? undefined : await stat(original);
    if (stats?.isDirectory()) throw toFileError({ code: 'EISDIR' }, name);
    if (stats && !stats.isFile() && !stats.isFIFO()) throw new WattduckError('not_a_regular_file', { file: name });
    const path = join(await scratch(), 'original');
    if (stats?.isFile() && stats.size > 0) await linkInto(original, path, options);
    // Pipes can be read only once. System files, as in /proc, have size 0.
    else
      await pipeline(
        isStdin ? stdin : stats?.isFIFO() ? readPipe(original) : createReadStream(original),
        createWriteStream(path),
        { signal },
      );
    const statsAtOpen = await stat(path, { bigint: true });
    return {
      path,
      bytes: Number(statsAtOpen.size),
      assertUnchanged: () => assertUnchangedFile(name, path, statsAtOpen),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && original.includes('\uFFFD'))
      throw notUtf8Error(name, error);
    throw toFileError(error, name);
  }
}

export const notUtf8Error = (name: string, cause?: unknown): WattduckError =>
  new WattduckError('file_name_not_utf8', { file: name }, cause);

/** A restricted DuckDB does not follow symbolic links out of its folder, but it reads hard links in it. */
async function linkInto(original: string, path: string, { workDir, signal }: LocalFileOptions): Promise<void> {
  const realPath = await realpath(original);
  if (workDir === undefined) return symlink(realPath, path);
  // Hard links do not work across file systems.
  await link(realPath, path).catch(() => pipeline(createReadStream(realPath), createWriteStream(path), { signal }));
}

/** Opens a named pipe without blocking: a pipe without a writer would block a thread and ignore Ctrl-C. */
const readPipe = (path: string): Readable =>
  new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });

async function assertUnchangedFile(name: string, path: string, statsAtOpen: BigIntStats): Promise<void> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  if (
    stats &&
    stats.ino === statsAtOpen.ino &&
    stats.dev === statsAtOpen.dev &&
    stats.size === statsAtOpen.size &&
    stats.mtimeNs === statsAtOpen.mtimeNs
  )
    return;
  throw new WattduckError('file_changed', { file: name });
}
