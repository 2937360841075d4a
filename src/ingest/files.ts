import { isUtf8 } from 'node:buffer';
import { existsSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { WattduckError } from '../errors.ts';
import { clipped } from '../text/plain-text.ts';
import { notUtf8 } from './local-file.ts';
import { partPattern } from './part-pattern.ts';

/** Endings of files that may be tables. */
const tabular = /\.((csv|tsv|txt|json|jsonl|ndjson)(\.(gz|zst))?|parquet)$/i;

/** The files that names, folders and patterns stand for, and how many in the folders are none to take in. */
export async function filesMeant(names: readonly string[]): Promise<{ files: string[]; passedOver: number }> {
  const files: string[] = [];
  let passedOver = 0;
  for (const name of names) {
    // A name that exists is that file, whatever characters it has.
    const exists = name === '-' || existsSync(name);
    if (exists && name !== '-' && statSync(name).isDirectory()) {
      const inside = await filesIn(name);
      const meant = inside.filter((path) => tabular.test(path)).toSorted();
      if (meant.length === 0)
        throw new WattduckError(
          'not_found',
          clipped`${name} holds no CSV, NDJSON, JSON or Parquet file`,
          'Name the files themselves where they end otherwise.',
        );
      passedOver += inside.length - meant.length;
      files.push(...meant);
    } else if (!exists && /[*?[]/.test(name)) {
      const found = await filesMatching(name);
      if (found.length === 0)
        throw new WattduckError('not_found', clipped`no file is like ${name}`, 'Check the pattern.');
      files.push(...found);
    } else files.push(name);
  }
  return { files, passedOver };
}

interface Entry {
  path: string;
  isFolder: boolean;
  isFile: boolean;
}

/** What a folder holds; '' is the current one. Paths are joined as they are: `..` after a link is not to be folded away. */
async function entriesOf(folder: string): Promise<(Entry & { name: string })[]> {
  const before = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  const entries = await readdir(folder === '' ? '.' : folder, { withFileTypes: true, encoding: 'buffer' });
  return Promise.all(
    entries.map(async (entry) => {
      const bytes = entry.name as unknown as Buffer;
      const name = bytes.toString();
      const path = `${before}${name}`;
      // Such a name can't be given back to the system, or is another file's.
      if (!isUtf8(bytes) && (entry.isDirectory() || tabular.test(name))) throw notUtf8(path);
      // A link to a file is a file; a link to a folder could lead round in a circle.
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

/** Every file within a folder and its folders. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await entriesOf(folder);
  const inside = await Promise.all(entries.filter(({ isFolder }) => isFolder).map(({ path }) => filesIn(path)));
  return [...entries.filter(({ isFile }) => isFile).map(({ path }) => path), ...inside.flat()];
}

/** Files a pattern matches, sorted. */
async function filesMatching(pattern: string): Promise<string[]> {
  const found = await matchesIn(
    /^\/*/.exec(pattern)![0],
    pattern.split('/').filter((part) => part !== ''),
  );
  // The name - alone is standard input.
  return [...new Set(found)].toSorted().map((path) => (path === '-' ? './-' : path));
}

async function matchesIn(folder: string, [part, ...rest]: readonly string[]): Promise<string[]> {
  if (part === undefined) return [];
  const isLast = rest.length === 0;
  if (part === '**') {
    const folders = (await readable(folder)).filter(({ isFolder, name }) => isFolder && !name.startsWith('.'));
    const deeper = await Promise.all(folders.map(({ path }) => matchesIn(path, [part, ...rest])));
    return [...(await matchesIn(folder, isLast ? ['*'] : rest)), ...deeper.flat()];
  }
  if (!/[*?[]/.test(part)) {
    const path = `${folder}${folder === '' || folder.endsWith('/') ? '' : '/'}${part}`;
    const there = await stat(path).catch(() => undefined);
    if (isLast) return there?.isFile() || there?.isFIFO() ? [path] : [];
    return there?.isDirectory() ? matchesIn(path, rest) : [];
  }
  const isMatch = partPattern(part);
  const matching = (await readable(folder)).filter(({ name }) => isMatch.test(name));
  if (isLast) return matching.filter(({ isFile }) => isFile).map(({ path }) => path);
  const inside = await Promise.all(
    matching.map(async ({ path }) =>
      (await stat(path).then(
        (found) => found.isDirectory(),
        () => false,
      ))
        ? matchesIn(path, rest)
        : [],
    ),
  );
  return inside.flat();
}

/** As in a shell, a folder that may not be read matches nothing. */
const readable = (folder: string): Promise<Awaited<ReturnType<typeof entriesOf>>> =>
  entriesOf(folder).catch((error: unknown) => {
    if (error instanceof WattduckError) throw error;
    return [];
  });
