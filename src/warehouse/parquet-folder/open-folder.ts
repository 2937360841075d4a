import { existsSync, realpathSync, statSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from '../../catalog/catalog.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { duckdbError, isStatementError, shortMessage } from '../duckdb-errors.ts';
import { identifier, literal, type DuckDb } from '../duckdb.ts';
import {
  manifestName,
  minSchemaVersion,
  readManifest,
  type FolderFile,
  type FolderTable,
  type Manifest,
} from './manifest.ts';

/** System tables that a folder never has: they stay empty, or in the memory of a server. */
const privateTables: readonly string[] = ['tokens', 'requests', 'schema_version'];

/** A Parquet folder whose manifest and files were checked. */
export interface ParquetFolder {
  /** Real path of the folder. */
  root: string;
  manifest: Manifest;
}

/** Whether a path is a folder, which only a Parquet folder may be. */
export const isFolderPath = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/**
 * Reads the manifest of a folder and checks that its files are complete.
 * @throws WattduckError (folder_without_manifest, folder_invalid_manifest, folder_too_new, folder_too_old, folder_file_missing)
 */
export async function readFolder(path: string, schemaVersion: number): Promise<ParquetFolder> {
  const manifest = await readManifest(path);
  const version = manifest.wattduck;
  if (manifest.schemaVersion > schemaVersion) throw new WattduckError('folder_too_new', { path, version });
  if (manifest.schemaVersion < minSchemaVersion) throw new WattduckError('folder_too_old', { path, version });
  const root = realpathSync(path);
  await Promise.all(
    Object.values(manifest.tables)
      .flatMap(({ files }) => files)
      .map((file) => assertComplete(root, path, file)),
  );
  return { root, manifest };
}

/** @throws WattduckError (folder_file_missing) for a file that is missing, has another size, or is reached through a link */
async function assertComplete(root: string, folder: string, file: { path: string; bytes: number }): Promise<void> {
  const path = join(root, file.path);
  const incomplete = (reason: string, cause?: unknown): WattduckError =>
    new WattduckError('folder_file_missing', { path: join(folder, file.path), reason }, cause);
  const [actual, stats] = await Promise.all([realpath(path), stat(path)]).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw incomplete(code === 'ENOENT' ? 'is missing' : 'cannot be read', error);
  });
  // A link could lead to any file of this machine.
  if (actual !== path) throw incomplete('is a symbolic link');
  if (!stats.isFile()) throw incomplete('is not a file');
  if (stats.size !== file.bytes) throw incomplete(`has ${stats.size} bytes instead of ${file.bytes}`);
}

/** Attaches an empty database in memory as `db`, whose tables are views of the folder's files. */
export async function attachFolder(duckdb: DuckDb, folder: ParquetFolder, catalog: Catalog): Promise<void> {
  duckdb.setReadsFolder();
  // A data file never changes: another content has another name.
  await duckdb.run("set parquet_metadata_cache = true; set validate_external_file_cache = 'NO_VALIDATION'");
  await duckdb.run("attach ':memory:' as db");
  await duckdb.run("set search_path = 'db.main,memory.main'");
  for (const ddl of await catalog.systemTables()) {
    const name = /create table (\w+)/i.exec(ddl)?.[1] ?? '';
    if (privateTables.includes(name) || !(name in folder.manifest.tables)) await duckdb.run(ddl);
  }
  await duckdb.run(`insert into schema_version values (${folder.manifest.schemaVersion})`);
  await createFolderViews(duckdb, folder);
}

/** Creates a view per table of the folder, in place of those of an earlier state. @throws WattduckError (folder_damaged) */
export async function createFolderViews(duckdb: DuckDb, { root, manifest }: ParquetFolder): Promise<void> {
  const tables = Object.entries(manifest.tables).filter(([name]) => !privateTables.includes(name));
  const names = tables.map(([name]) => name);
  const present = await duckdb.rows(
    `select table_name as name, false as is_view from duckdb_tables() where database_name = 'db'
     union all
     select view_name, true from duckdb_views() where database_name = 'db' and not internal`,
  );
  for (const row of present) {
    const name = String(row['name']);
    if (row['is_view'] === true && !names.includes(name)) await duckdb.run(`drop view db.main.${identifier(name)}`);
    if (row['is_view'] === false && names.includes(name)) await duckdb.run(`drop table db.main.${identifier(name)}`);
  }
  for (const [name, table] of tables) {
    const view = `db.main.${identifier(name)}`;
    const declared = new Map((await duckdb.tableColumns(name)).map((column) => [column.name, column.type]));
    try {
      await duckdb.run(`create or replace view ${view} as ${selectFiles(root, table, declared)}`);
      const rows = table.files.reduce((sum, file) => sum + file.rows, 0);
      await duckdb.run(`comment on view ${view} is '${rows}'`);
    } catch (error) {
      const userError = duckdbError(error, root);
      throw isStatementError(userError)
        ? new WattduckError('folder_damaged', { reason: shortMessage(userError) }, error)
        : userError;
    }
  }
}

/**
 * Select of all rows of a table.
 * @param declared type of each column in the catalog; empty if the command does not use the table
 */
function selectFiles(root: string, { columns, files }: FolderTable, declared: ReadonlyMap<string, string>): string {
  const known = columns.filter(({ name }) => declared.size === 0 || declared.has(name));
  if (files.length === 0) {
    const types = declared.size === 0 ? columns.map(({ name }) => [name, 'VARCHAR'] as const) : [...declared];
    return `select ${types.map(([name, type]) => `null::${type} as ${identifier(name)}`).join(', ')} where false`;
  }
  const selectList = known.map(({ name }) => {
    const type = declared.get(name);
    const constant = constantOf(files, name);
    // Of a column that is the same in all rows, DuckDB need not read a file.
    if (type !== undefined && constant !== undefined)
      return `${constant === null ? 'null' : literal(constant)}::${type} as ${identifier(name)}`;
    return type === undefined ? identifier(name) : `${identifier(name)}::${type} as ${identifier(name)}`;
  });
  const paths = files.map(({ path }) => literal(escapePattern(join(root, path))));
  return `select ${selectList.join(', ')} from read_parquet([${paths.join(', ')}], hive_partitioning = false)`;
}

/** The value, or null, that a column has in all rows of all files; undefined if it has several. */
function constantOf(files: readonly FolderFile[], name: string): string | null | undefined {
  const values = files.map(({ constants }) => (Object.hasOwn(constants, name) ? constants[name] : undefined));
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

/** DuckDB reads a path as a pattern; the path of the folder may have the characters of one. */
const escapePattern = (path: string): string => path.replaceAll(/[*?[]/g, (character) => `[${character}]`);

/** The folder as DuckDB may read it: it compares paths as they are written. */
export const allowedFolders = (root: string): string[] => [...new Set([root, escapePattern(root)])];

/** Identifies the state of a folder: another value means another manifest. */
export function folderVersion(folder: string): string {
  const stats = statSync(join(folder, manifestName), { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
}
