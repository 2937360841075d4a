import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileFault, WattduckError } from '../errors.ts';
import { builtInSql, packageRoot } from '../paths.ts';
import type { Catalog } from './definitions.ts';
import type { EngineView } from './engine-view.ts';
import { catalogFault, parseSqlFile, type SqlFile } from './frontmatter.ts';
import { readAction, readReport } from './report-file.ts';
import { readSource } from './source-file.ts';

interface Found {
  name: string;
  group: string;
  path: string;
}

/**
 * Loads the built-in SQL folder and the user's own, checks every file against the engine and answers the catalog.
 * @throws WattduckError with file, line and fix at the first fault.
 */
export async function loadCatalog(engine: EngineView, userFolders: readonly string[] = []): Promise<Catalog> {
  const catalog: Catalog = { sources: [], reports: [], actions: [] };
  for (const folder of [builtInSql, ...userFolders]) {
    const files = await sqlFiles(folder);
    const at = (kind: string): Found[] => files.filter(({ group }) => group === kind || group.startsWith(`${kind}/`));
    for (const file of [...at('prelude'), ...at('house')]) await engine.run(await text(file.path));
    for (const file of at('sources')) {
      unique(catalog.sources, file);
      catalog.sources.push(await readSource(file.name, await parsed(file), engine));
    }
    for (const file of at('actions')) {
      unique(catalog.actions, file);
      catalog.actions.push(await readAction(file.name, await parsed(file), engine));
    }
    for (const file of at('reports')) {
      unique(catalog.reports, file);
      const group = file.group.split('/')[1] ?? 'own';
      catalog.reports.push(await readReport(file.name, group, await parsed(file), engine));
    }
  }
  return catalog;
}

/** The statements of our own tables: ledger, quarantine, schema version. */
export async function houseTables(): Promise<string[]> {
  const files = await sqlFiles(builtInSql);
  return Promise.all(files.filter(({ group }) => group === 'house').map(({ path }) => text(path)));
}

async function sqlFiles(folder: string): Promise<Found[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw fileFault(error, folder);
  });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .map((entry) => ({
      name: basename(entry.name, '.sql'),
      group: relative(folder, entry.parentPath),
      path: join(entry.parentPath, entry.name),
    }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const stray = files.find(({ group }) => !/^(prelude|house|sources|actions|reports)(\/|$)/.test(group));
  if (stray) {
    throw new WattduckError('failed', `${stray.path}: not in a folder the catalog knows`,
      'Put it under sources/, reports/<group>/, actions/ or prelude/.');
  }
  return files;
}

function unique(known: readonly { name: string; path: string }[], file: Found): void {
  const other = known.find(({ name }) => name === file.name);
  if (other) throw catalogFault(file.path, 1, `"${file.name}" is taken by ${other.path}`, 'Give the file another name.');
}

const parsed = async (file: Found): Promise<SqlFile> => parseSqlFile(shown(file.path), await text(file.path));

/** Built-in files are named from the package's root, the user's own as they are. */
const shown = (path: string): string => (path.startsWith(builtInSql) ? relative(packageRoot, path) : path);

const text = (path: string): Promise<string> => readFile(path, 'utf8');
