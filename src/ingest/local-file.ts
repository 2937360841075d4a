import { constants, createReadStream, createWriteStream, openSync, type BigIntStats } from 'node:fs';
import { link, realpath, stat, symlink } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { toFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { clipped } from '../text/plain-text.ts';

/** A file in our scratch folder, under a plain name. */
export interface LocalFile {
  path: string;
  bytes: number;
  /** @throws WattduckError where the file is no longer the one that was opened */
  assertUnchanged(): Promise<void>;
}

/** What a file is opened with. */
export interface LocalFileOptions {
  name: string;
  stdin: Readable;
  /** Where DuckDB may read nothing but this folder. */
  workDir: string | undefined;
  scratch: () => Promise<string>;
  /** Ends all reading when it is aborted. */
  signal?: AbortSignal | undefined;
}

/**
 * Puts a file into the scratch folder: a link where it can be read more than once, a copy where it can't.
 * DuckDB takes a path for a glob pattern, a URL or Hive partitions (`key=value`), so it never gets a path from a user.
 */
export async function localFile(original: string, options: LocalFileOptions): Promise<LocalFile> {
  const { name, stdin, scratch, signal } = options;
  try {
    const isStdin = original === '-';
    const stats = isStdin ? undefined : await stat(original);
    if (stats?.isDirectory()) throw toFileError({ code: 'EISDIR' }, name);
    if (stats && !stats.isFile() && !stats.isFIFO())
      throw new WattduckError(
        'usage',
        clipped`${name} is a device or a socket, not a file`,
        'Pipe it in: wattduck ingest -',
      );
    const path = join(await scratch(), 'given');
    if (stats?.isFile() && stats.size > 0) await linkInto(original, path, options);
    // Pipes can be read once. Files of the system, as in /proc, have no size.
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
  new WattduckError(
    'not_found',
    clipped`${name}: its name is not valid UTF-8, or there is no such file`,
    'Rename it, or pipe it in: wattduck ingest - < FILE',
    cause,
  );

/** DuckDB follows no symbolic link out of a spool, but it reads a hard link there. */
async function linkInto(original: string, path: string, { workDir, signal }: LocalFileOptions): Promise<void> {
  const realPath = await realpath(original);
  if (workDir === undefined) return symlink(realPath, path);
  // On another disk there is no link to it.
  await link(realPath, path).catch(() => pipeline(createReadStream(realPath), createWriteStream(path), { signal }));
}

/** A named pipe without blocking a thread: opening one that nobody writes to would wait and ignore Ctrl-C. */
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
  throw new WattduckError(
    'conflict',
    clipped`${name} changed while it was being read; nothing of it was kept`,
    'Import it again once it is complete.',
  );
}
