import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { toFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { builtInSql, packageRoot } from '../paths.ts';
import { toSnakeCase } from '../text/names.ts';

/** A SQL file of the catalog. */
export interface CatalogFile {
  name: string;
  /** Path of its folder from the SQL folder: `reports/energy`. */
  group: string;
  path: string;
  /** The content of a built-in file. */
  text?: string;
}

/** The built-in SQL files with their contents, sorted by path. */
export function builtInFiles(folder = builtInSql): CatalogFile[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return toCatalogFiles(folder, entries).map((file) => ({ ...file, text: readFileSync(file.path, 'utf8') }));
}

/** The SQL files of a user's folder, sorted by path. */
export async function userFiles(folder: string): Promise<CatalogFile[]> {
  return toCatalogFiles(
    folder,
    await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
      throw toFileError(error, folder);
    }),
  );
}

interface Entry {
  name: string;
  parentPath: string;
  isFile(): boolean;
}

function toCatalogFiles(folder: string, entries: readonly Entry[]): CatalogFile[] {
  const files = entries
    .filter((entry) => entry.isFile() && isCatalogFile(entry, folder))
    .map((entry) => ({
      name: toSnakeCase(basename(entry.name, extname(entry.name))),
      group: relative(folder, entry.parentPath),
      path: join(entry.parentPath, entry.name),
    }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const misplaced = files.find(
    ({ group }) =>
      !/^(prelude|system|migrations|sources|mappings|views|rules|actions|reports|pages)(\/|$)/.test(group) &&
      !(folder === builtInSql && group === 'derived'),
  );
  if (misplaced) {
    throw new WattduckError('sql_file_unknown_folder', { path: misplaced.path });
  }
  return files;
}

/** SQL files, and the YAML files of pages. */
const isCatalogFile = ({ name, parentPath }: Entry, folder: string): boolean =>
  /^pages(\/|$)/.test(relative(folder, parentPath)) ? /\.ya?ml$/.test(name) : name.endsWith('.sql');

/** Path for a message: built-in files are named relative to the package. */
export const displayPath = (path: string): string => (path.startsWith(builtInSql) ? relative(packageRoot, path) : path);

export const readText = async ({ path, text }: Pick<CatalogFile, 'path' | 'text'>): Promise<string> =>
  text ??
  readFile(path, 'utf8').catch((error: unknown) => {
    throw toFileError(error, path);
  });
