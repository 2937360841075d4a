import { isUtf8 } from 'node:buffer';
import { existsSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { WattduckError } from '../errors/wattduck-error.ts';
import { partPattern } from './glob-pattern.ts';
import { notUtf8Error } from './local-file.ts';

/** Extensions of files that may hold tables. */
const tableFile = /\.((csv|tsv|txt|json|jsonl|ndjson)(\.(gz|zst))?|parquet)$/i;

/** Expands names, folders and patterns to files; `skipped` counts files of other types in the folders. */
export async function expandPaths(names: readonly string[]): Promise<{ files: string[]; skipped: number }> {
  const files: string[] = [];
  let skipped = 0;
  for (const name of names) {
    // An existing file is never read as a pattern, whatever characters its name has.
    const exists = name === '-' || existsSync(name);
    if (exists && name !== '-' && statSync(name).isDirectory()) {
      const nested = await filesIn(name);
      const tables = nested.filter((path) => tableFile.test(path)).toSorted();
      if (tables.length === 0) throw new WattduckError('folder_without_tables', { folder: name });
      skipped += nested.length - tables.length;
      files.push(...tables);
    } else if (!exists && /[*?[]/.test(name)) {
      const found = await filesMatching(name);
      if (found.length === 0) throw new WattduckError('no_matching_files', { pattern: name });
      files.push(...found);
    } else files.push(name);
  }
  return { files, skipped };
}

interface Entry {
  path: string;
  isFolder: boolean;
  isFile: boolean;
}

/** Entries of a folder; '' is the current one. Paths are not normalized: `..` after a link would lead elsewhere. */
async function readEntries(folder: string): Promise<(Entry & { name: string })[]> {
  const prefix = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  const entries = await readdir(folder === '' ? '.' : folder, { withFileTypes: true, encoding: 'buffer' });
  return Promise.all(
    entries.map(async (entry) => {
      const bytes = entry.name as unknown as Buffer;
      const name = bytes.toString();
      const path = `${prefix}${name}`;
      // The decoded name would not open the file, or would open another one.
      if (!isUtf8(bytes) && (entry.isDirectory() || tableFile.test(name))) throw notUtf8Error(path);
      // Links to files are followed; links to folders are not, because they could form a cycle.
      const isFile =
        entry.isFile() ||
        (entry.isSymbolicLink() &&
          isUtf8(bytes) &&
          (await stat(path).then(
            (found) => found.isFile(),
            () => false,
          )));
      return { name, path, isFolder: entry.isDirectory(), isFile };
    }),
  );
}

/** Every file in a folder and its subfolders. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readEntries(folder);
  const nested = await Promise.all(entries.filter(({ isFolder }) => isFolder).map(({ path }) => filesIn(path)));
  return [...entries.filter(({ isFile }) => isFile).map(({ path }) => path), ...nested.flat()];
}

/** Files a pattern matches, sorted. */
async function filesMatching(pattern: string): Promise<string[]> {
  const found = await matchesIn(
    /^\/*/.exec(pattern)![0],
    pattern.split('/').filter((part) => part !== ''),
  );
  // A bare - would be standard input.
  return [...new Set(found)].toSorted().map((path) => (path === '-' ? './-' : path));
}

async function matchesIn(folder: string, [part, ...rest]: readonly string[]): Promise<string[]> {
  if (part === undefined) return [];
  const isLast = rest.length === 0;
  if (part === '**') {
    const folders = (await readableEntries(folder)).filter(({ isFolder, name }) => isFolder && !name.startsWith('.'));
    const nestedMatches = await Promise.all(folders.map(({ path }) => matchesIn(path, [part, ...rest])));
    return [...(await matchesIn(folder, isLast ? ['*'] : rest)), ...nestedMatches.flat()];
  }
  if (!/[*?[]/.test(part)) {
    const path = `${folder}${folder === '' || folder.endsWith('/') ? '' : '/'}${part}`;
    const stats = await stat(path).catch(() => undefined);
    if (isLast) return stats?.isFile() || stats?.isFIFO() ? [path] : [];
    return stats?.isDirectory() ? matchesIn(path, rest) : [];
  }
  const matcher = partPattern(part);
  const matching = (await readableEntries(folder)).filter(({ name }) => matcher.test(name));
  if (isLast) return matching.filter(({ isFile }) => isFile).map(({ path }) => path);
  const nested = await Promise.all(
    matching.map(async ({ path }) =>
      (await stat(path).then(
        (found) => found.isDirectory(),
        () => false,
      ))
        ? matchesIn(path, rest)
        : [],
    ),
  );
  return nested.flat();
}

/** As in a shell, an unreadable folder matches nothing. */
const readableEntries = (folder: string): Promise<Awaited<ReturnType<typeof readEntries>>> =>
  readEntries(folder).catch((error: unknown) => {
    if (error instanceof WattduckError) throw error;
    return [];
  });
