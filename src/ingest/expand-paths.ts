import { isUtf8 } from 'node:buffer';
import { existsSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { toFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { partPattern } from './glob-pattern.ts';
import { notUtf8Error } from './local-file.ts';

/** Extensions of files that may hold tables. */
const tableFile = /\.((csv|tsv|txt|json|jsonl|ndjson)(\.(gz|zst))?|parquet)$/i;

/** Files that names, folders and patterns expand to. */
export interface ExpandedPaths {
  files: string[];
  /** Number of files of other types in the folders. */
  skipped: number;
  /** Names, files and folders that cannot be read. */
  failures: WattduckError[];
}

/**
 * Expands names, folders and patterns to files. What cannot be read does not stop the others.
 * @param allowEmpty whether to accept folders without files, and patterns that match none
 * @throws WattduckError if the only name cannot be expanded
 */
export async function expandPaths(names: readonly string[], allowEmpty = false): Promise<ExpandedPaths> {
  const expanded: ExpandedPaths = { files: [], skipped: 0, failures: [] };
  for (const name of names) {
    const found = await expandPath(name, allowEmpty);
    expanded.files.push(...found.files);
    expanded.skipped += found.skipped;
    expanded.failures.push(...found.failures);
  }
  const [failure] = expanded.failures;
  if (failure && expanded.failures.length === 1 && expanded.files.length === 0) throw failure;
  return expanded;
}

async function expandPath(name: string, allowEmpty: boolean): Promise<ExpandedPaths> {
  // An existing file is never read as a pattern, whatever characters its name has.
  const exists = name === '-' || existsSync(name);
  const failures: WattduckError[] = [];
  if (exists && name !== '-' && statSync(name).isDirectory()) {
    const nested = await filesIn(name, failures);
    const files = nested.filter((path) => tableFile.test(path)).toSorted();
    if (files.length + failures.length === 0 && !allowEmpty)
      failures.push(new WattduckError('folder_without_tables', { folder: name }));
    return { files, skipped: nested.length - files.length, failures };
  }
  if (exists || !/[*?[]/.test(name)) return { files: [name], skipped: 0, failures };
  const files = await filesMatching(name, failures);
  if (files.length + failures.length === 0 && !allowEmpty)
    failures.push(new WattduckError('no_matching_files', { pattern: name }));
  return { files, skipped: 0, failures };
}

interface Entry {
  path: string;
  isFolder: boolean;
  isFile: boolean;
  /** Its error, if its name is not UTF-8; it is neither file nor folder then. */
  failure?: WattduckError;
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
      if (!isUtf8(bytes) && (entry.isDirectory() || tableFile.test(name)))
        return { name, path, isFolder: false, isFile: false, failure: notUtf8Error(path) };
      // Links to files are followed; links to folders are not, because they could form a cycle.
      const isFile =
        entry.isFile() ||
        (entry.isSymbolicLink() &&
          isUtf8(bytes) &&
          (await stat(path).then(
            (target) => target.isFile(),
            () => false,
          )));
      return { name, path, isFolder: entry.isDirectory(), isFile };
    }),
  );
}

/** Every file in a folder and its subfolders; adds a failure for each folder that cannot be read. */
async function filesIn(folder: string, failures: WattduckError[]): Promise<string[]> {
  const entries = await readEntries(folder).catch((error: unknown) => {
    const failure = toFileError(error, folder);
    if (!(failure instanceof WattduckError)) throw failure;
    failures.push(failure);
    return [];
  });
  failures.push(...failuresOf(entries));
  const nested = await Promise.all(
    entries.filter(({ isFolder }) => isFolder).map(({ path }) => filesIn(path, failures)),
  );
  return [...entries.filter(({ isFile }) => isFile).map(({ path }) => path), ...nested.flat()];
}

/** Files a pattern matches, sorted. */
async function filesMatching(pattern: string, failures: WattduckError[]): Promise<string[]> {
  const found = await matchesIn(
    failures,
    /^\/*/.exec(pattern)![0],
    pattern.split('/').filter((part) => part !== ''),
  );
  // A bare - would be standard input.
  return [...new Set(found)].toSorted().map((path) => (path === '-' ? './-' : path));
}

async function matchesIn(
  failures: WattduckError[],
  folder: string,
  [part, ...rest]: readonly string[],
): Promise<string[]> {
  if (part === undefined) return [];
  const isLast = rest.length === 0;
  if (part === '**') {
    const folders = (await readableEntries(folder)).filter(({ isFolder, name }) => isFolder && !name.startsWith('.'));
    const nestedMatches = await Promise.all(folders.map(({ path }) => matchesIn(failures, path, [part, ...rest])));
    return [...(await matchesIn(failures, folder, isLast ? ['*'] : rest)), ...nestedMatches.flat()];
  }
  if (!/[*?[]/.test(part)) {
    const path = `${folder}${folder === '' || folder.endsWith('/') ? '' : '/'}${part}`;
    const stats = await stat(path).catch(() => undefined);
    if (isLast) return stats?.isFile() || stats?.isFIFO() ? [path] : [];
    return stats?.isDirectory() ? matchesIn(failures, path, rest) : [];
  }
  const matcher = partPattern(part);
  const matching = (await readableEntries(folder)).filter(({ name }) => matcher.test(name));
  failures.push(...failuresOf(matching));
  if (isLast) return matching.filter(({ isFile }) => isFile).map(({ path }) => path);
  const nested = await Promise.all(
    matching.map(async ({ path }) =>
      (await stat(path).then(
        (found) => found.isDirectory(),
        () => false,
      ))
        ? matchesIn(failures, path, rest)
        : [],
    ),
  );
  return nested.flat();
}

/** As in a shell, an unreadable folder matches nothing. */
const readableEntries = (folder: string): ReturnType<typeof readEntries> => readEntries(folder).catch(() => []);

const failuresOf = (entries: readonly Entry[]): WattduckError[] =>
  entries.flatMap(({ failure }) => (failure ? [failure] : []));
