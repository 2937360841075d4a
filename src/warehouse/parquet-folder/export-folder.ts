import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { version as duckdbVersion } from '@duckdb/node-api';
import type { Catalog } from '../../catalog/catalog.ts';
import { toFileError } from '../../errors/system-error.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { userFileMode, userFolderMode } from '../../file-mode.ts';
import { packageVersion } from '../../paths.ts';
import type { LockWait } from '../connection.ts';
import { schemaVersion } from '../database.ts';
import { duckdbError } from '../duckdb-errors.ts';
import { identifier, literal, type DuckDb } from '../duckdb.ts';
import {
  exportedNames,
  isInMonth,
  listExportedTables,
  readContents,
  type ExportedTable,
  type FileContent,
} from './exported-tables.ts';
import { lockFolder, lockName } from './folder-lock.ts';
import {
  filePattern,
  formatVersion,
  manifestName,
  monthOf,
  bytesOf,
  readManifest,
  syncToDisk,
  tablePattern,
  writeManifest,
  type FolderFile,
  type FolderTable,
  type Manifest,
} from './manifest.ts';

/** Milliseconds that a replaced file is kept for readers that opened the folder before. */
export const retiredMs = 3_600_000;

/** Prefix of the folder with files that are being written; `mkdtemp` adds six characters. */
const stagingPrefix = '.staging-';

/** What an export did to the files of a table. */
export interface TableResult {
  table: string;
  rows: number;
  written: number;
  unchanged: number;
  removed: number;
}

/** What an export did to a folder. */
export interface FolderResult {
  tables: TableResult[];
  /** Bytes of all current files. */
  bytes: number;
}

/** How a folder is written. */
export interface FolderExportOptions {
  /** Path of the database, for errors. */
  database: string;
  now: Date;
  redact: boolean;
  /** Called before each file. */
  onFile(name: string): void;
}

/** A folder whose lock this process holds. */
export interface LockedFolder {
  /** Real path of the folder. */
  root: string;
  /** The folder in which DuckDB writes files. */
  staging: string;
}

/**
 * Runs work while no other export can write to a folder, which is created if it does not exist.
 * @throws WattduckError (folder_not_empty, folder_locked)
 */
export async function withLockedFolder<T>(
  path: string,
  catalog: Catalog,
  lockWait: LockWait,
  work: (folder: LockedFolder) => Promise<T>,
): Promise<T> {
  const isNew = createFolder(path);
  const root = realpathSync(path);
  let release: (() => void) | undefined;
  try {
    assertOwnFolder(root, path, await exportedNames(catalog));
    release = await lockFolder(root, lockWait);
    removeStaging(root);
    const staging = mkdtempSync(join(root, stagingPrefix));
    try {
      return await work({ root, staging });
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  } catch (error) {
    throw toFileError(duckdbError(error, path), path);
  } finally {
    release?.();
    if (isNew && !existsSync(join(root, manifestName))) removeNewFolder(root);
  }
}

/** Creates a folder for others to read. Returns whether it did not exist. */
function createFolder(path: string): boolean {
  try {
    const first = mkdirSync(path, { recursive: true });
    if (first !== undefined) chmodSync(path, userFolderMode());
    return first !== undefined;
  } catch (error) {
    throw toFileError((error as NodeJS.ErrnoException).code === 'EEXIST' ? { code: 'ENOTDIR' } : error, path);
  }
}

/** A folder with other files may be there by mistake. @throws WattduckError (folder_not_empty) */
function assertOwnFolder(root: string, path: string, tables: readonly string[]): void {
  const names = readdirSync(root);
  const isOwn = (name: string): boolean =>
    name === lockName ||
    name.startsWith(stagingPrefix) ||
    name.startsWith(`.${manifestName}-`) ||
    tables.includes(name);
  if (!names.includes(manifestName) && !names.every(isOwn)) throw new WattduckError('folder_not_empty', { path });
}

/** Removes what killed exports were writing. */
function removeStaging(root: string): void {
  for (const name of readdirSync(root))
    if (name.startsWith(stagingPrefix) || name.startsWith(`.${manifestName}-`))
      rmSync(join(root, name), { recursive: true, force: true });
}

/** Removes a folder that was created for nothing. */
function removeNewFolder(root: string): void {
  try {
    rmSync(join(root, lockName), { force: true });
    rmdirSync(root);
  } catch {
    // It has files, or another export uses it.
  }
}

/** Writes the files whose rows changed since the last export, then the manifest. The data must be open. */
export async function exportFolder(
  duckdb: DuckDb,
  catalog: Catalog,
  { root, staging }: LockedFolder,
  { database, now, redact, onFile }: FolderExportOptions,
): Promise<FolderResult> {
  const old = await readOld(root);
  const generation = (old?.generation ?? 0) + 1;
  const tables: Record<string, FolderTable> = {};
  const results: TableResult[] = [];
  const writer = new FileWriter(duckdb, root, staging, generation);
  for (const table of await listExportedTables(duckdb, catalog, redact)) {
    if (!tablePattern.test(table.name)) throw new WattduckError('folder_table_name', { table: table.name });
    onFile(table.name);
    const contents = await readContents(duckdb, table).catch((error: unknown) => {
      throw duckdbError(error, database);
    });
    const known = knownFiles(root, old, table);
    const files: FolderFile[] = [];
    for (const content of contents) {
      const kept = known.find((file) => monthOf(file) === content.month && isSameContent(file, content));
      if (!kept) onFile([table.name, content.month ?? []].flat().join(' '));
      files.push(kept ?? (await writer.write(table, content)));
    }
    tables[table.name] = { columns: table.columns.map(({ name, type }) => ({ name, type })), files };
    const months = new Set(contents.map(({ month }) => month));
    const written = files.filter((file) => !known.includes(file)).length;
    results.push({
      table: table.name,
      rows: contents.reduce((sum, { rows }) => sum + rows, 0),
      written,
      unchanged: files.length - written,
      removed: (old?.tables[table.name]?.files ?? []).filter((file) => !months.has(monthOf(file))).length,
    });
  }
  for (const [name, { files }] of Object.entries(old?.tables ?? {}))
    if (!(name in tables)) results.push({ table: name, rows: 0, written: 0, unchanged: 0, removed: files.length });
  const manifest: Manifest = {
    format: 'wattduck-parquet',
    formatVersion,
    schemaVersion,
    wattduck: packageVersion,
    duckdb: duckdbVersion(),
    generation,
    exportedAt: now.toISOString(),
    tables,
    retired: retiredFiles(old, tables, now),
  };
  duckdb.throwIfInterrupted();
  // An unchanged manifest keeps the caches of readers.
  if (!old || !isSameState(old, manifest)) {
    writer.sync();
    writeManifest(root, manifest);
  }
  removeOldFiles(root, manifest, now);
  return { tables: results, bytes: bytesOf(manifest) };
}

/** The manifest of the last export; undefined if it is missing or damaged, so that all files are written again. */
async function readOld(root: string): Promise<Manifest | undefined> {
  try {
    return await readManifest(root);
  } catch (error) {
    const codes: string[] = ['folder_without_manifest', 'folder_invalid_manifest'];
    if (error instanceof WattduckError && codes.includes(error.code)) return undefined;
    throw error;
  }
}

/** Files of the last export that can be kept: those with the same columns that are complete. */
function knownFiles(root: string, old: Manifest | undefined, { name, columns }: ExportedTable): readonly FolderFile[] {
  const known = old?.tables[name];
  // Another version of DuckDB may compute other hashes.
  if (!known || old.duckdb !== duckdbVersion() || old.schemaVersion !== schemaVersion) return [];
  const isSame =
    known.columns.length === columns.length &&
    known.columns.every((column, at) => column.name === columns[at]!.name && column.type === columns[at]!.type);
  return isSame ? known.files.filter((file) => isComplete(join(root, file.path), file)) : [];
}

function isComplete(path: string, { bytes }: FolderFile): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && stats.isFile() && stats.size === bytes;
}

const isSameContent = (file: FolderFile, content: FileContent): boolean =>
  file.rows === content.rows && file.hash === content.hash;

/** Whether readers of both manifests see the same. */
const isSameState = (old: Manifest, { tables, schemaVersion: version }: Manifest): boolean =>
  old.schemaVersion === version && JSON.stringify(old.tables) === JSON.stringify(tables);

/** Replaced files that readers may still use. */
function retiredFiles(old: Manifest | undefined, tables: Record<string, FolderTable>, now: Date): Manifest['retired'] {
  const paths = (all: Record<string, FolderTable>): string[] =>
    Object.values(all).flatMap(({ files }) => files.map(({ path }) => path));
  const current = new Set(paths(tables));
  return [
    ...(old?.retired ?? []).filter(({ at }) => isRecent(new Date(at), now)),
    ...paths(old?.tables ?? {}).map((path) => ({ path, at: now.toISOString() })),
  ].filter(({ path }) => !current.has(path));
}

const isRecent = (time: Date, now: Date): boolean => now.getTime() - time.getTime() < retiredMs;

/** Writes data files to their final names; no reader uses them before the manifest lists them. */
class FileWriter {
  readonly #duckdb: DuckDb;
  readonly #root: string;
  readonly #staging: string;
  readonly #generation: number;
  readonly #folders = new Set<string>();

  constructor(duckdb: DuckDb, root: string, staging: string, generation: number) {
    this.#duckdb = duckdb;
    this.#root = root;
    this.#staging = staging;
    this.#generation = generation;
  }

  async write(table: ExportedTable, { month, rows, hash }: FileContent): Promise<FolderFile> {
    const name = `${String(this.#generation).padStart(6, '0')}-${randomBytes(4).toString('hex')}.parquet`;
    const path = [table.name, ...(month === undefined ? [] : [`month=${month}`]), name].join('/');
    const staged = join(this.#staging, name);
    // A server writes to its own folder.
    const target = this.#duckdb.isRemote ? join(this.#duckdb.workDir!, name) : staged;
    const condition = table.partitionBy === undefined ? '' : ` where ${isInMonth(table.partitionBy, month!)}`;
    const copied = await this.#duckdb.execute(
      `copy (select * from (${table.rows})${condition} order by ${table.orderBy.map(identifier).join(', ')})
       to ${literal(target)} (format parquet, compression zstd)`,
    );
    if (copied !== rows) throw new Error(`${path} has ${copied} rows instead of ${rows}`);
    const constants = await readConstants(this.#duckdb, target);
    if (target !== staged) {
      copyFileSync(target, staged);
      rmSync(target);
    }
    const bytes = statSync(staged).size;
    chmodSync(staged, userFileMode());
    syncToDisk(staged);
    this.#createFolders(dirname(path));
    renameSync(staged, join(this.#root, path));
    return { path, rows, bytes, hash, constants };
  }

  #createFolders(folder: string): void {
    const names = folder.split('/');
    for (const [at] of names.entries()) {
      const path = join(this.#root, ...names.slice(0, at + 1));
      if (!this.#folders.has(path) && mkdirSync(path, { recursive: true }) !== undefined)
        chmodSync(path, userFolderMode());
      this.#folders.add(path);
    }
  }

  /** Flushes the names of the files to disk. */
  sync(): void {
    for (const folder of this.#folders) syncToDisk(folder);
    syncToDisk(this.#root);
  }
}

/** Columns of a file that have the same short text, or null, in all rows, by the statistics in its footer. */
async function readConstants(duckdb: DuckDb, path: string): Promise<Record<string, string | null>> {
  const columns = await duckdb.rows(
    `select path_in_schema as name, min(stats_min_value) as value
     from parquet_metadata(${literal(path)})
     where not contains(path_in_schema, ', ')
     group by path_in_schema
     having sum(stats_null_count) = sum(num_values)
       or (any_value(type) = 'BYTE_ARRAY' and sum(stats_null_count) = 0 and bool_and(min_is_exact and max_is_exact)
         and min(stats_min_value) = max(stats_max_value) and regexp_full_match(min(stats_min_value), '[ -~]{1,60}'))
     order by name`,
  );
  return Object.fromEntries(columns.map(({ name, value }) => [String(name), value === null ? null : String(value)]));
}

/** Removes replaced files that no reader should use any more, and files of killed exports. Other files are left alone. */
function removeOldFiles(root: string, { tables, retired }: Manifest, now: Date): void {
  const used = new Set([
    ...Object.values(tables).flatMap(({ files }) => files.map(({ path }) => path)),
    ...retired.map(({ path }) => path),
  ]);
  const folders = new Set<string>();
  for (const path of listDataFiles(root)) {
    const stats = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (used.has(path) || !stats || isRecent(stats.mtime, now)) continue;
    rmSync(join(root, path), { force: true });
    folders.add(dirname(path));
  }
  for (const folder of folders) {
    try {
      rmdirSync(join(root, folder));
    } catch {
      // It has other files.
    }
  }
}

/** Paths of everything in the folder with the name of a data file. */
function listDataFiles(root: string): string[] {
  const listFolder = (path: string): string[] =>
    readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
      const name = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) return name.split('/').length < 3 ? listFolder(name) : [];
      return filePattern.test(name) ? [name] : [];
    });
  return listFolder('');
}
