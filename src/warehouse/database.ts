import { randomUUID } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Catalog } from '../catalog/catalog.ts';
import { toFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { packageVersion } from '../paths.ts';
import type { LockWait } from './connection.ts';
import { duckdbError, lockHolder } from './duckdb-errors.ts';
import { identifier, literal, type DuckDb } from './duckdb.ts';
import { isExiting } from './exiting-process.ts';
import { compactHeartbeats } from './heartbeats.ts';
import { isReachable, readLockFile } from './lock-file.ts';
import { identityOf } from './private-path.ts';
import { redactions } from './redact.ts';
import { allowedFolders, attachFolder, isFolderPath, readFolder } from './parquet-folder/open-folder.ts';
import { manifestName } from './parquet-folder/manifest.ts';
import { RemoteConnection } from './remote-connection.ts';
import { compactEvents, createColumnViews, tablesInFile } from './tables.ts';

/** Version of the system tables; raised with each migration. */
export const schemaVersion = 8;

/** Options to open a database file for reading. */
export interface OpenForReadingOptions {
  lockWait?: LockWait;
  /** Tables to read; all if undefined. */
  tables?: readonly string[] | undefined;
  /** Whether personal values are hidden. */
  redact?: boolean | undefined;
  /** The only folder that DuckDB may read and write besides the database; none by default. */
  workDir?: string | undefined;
  /** Whether the database will be copied, for which DuckDB changes a setting: no SQL of the user may run then. */
  isForCopy?: boolean | undefined;
}

/**
 * Opens the database file or Parquet folder for reports: read-only, without access to other files, and with locked settings.
 * A file held by a server is read through it.
 */
export async function openForReading(
  duckdb: DuckDb,
  path: string,
  catalog: Catalog,
  { lockWait, tables, redact, workDir, isForCopy = false }: OpenForReadingOptions = {},
): Promise<void> {
  assertExists(path);
  if (isFolderPath(path)) {
    const root = await openFolder(duckdb, path, catalog);
    return startReading(duckdb, catalog, { tables, redact, workDir, isForCopy }, allowedFolders(root));
  }
  await assertDuckdbFile(path);
  await replayLog(duckdb, path, catalog, lockWait);
  await attach(duckdb, path, ' (read_only)', catalog, lockWait);
  if (!duckdb.isRemote && (await readSchemaVersion(duckdb, path)) < schemaVersion) {
    await detach(duckdb);
    await openForWriting(duckdb, path, catalog, lockWait);
    await detach(duckdb);
    await attach(duckdb, path, ' (read_only)', catalog, lockWait);
  }
  if (duckdb.isRemote) {
    // A snapshot: writes of others do not change the result of a command.
    await duckdb.run(snapshotSql);
    return prepareToRead(duckdb, catalog, tables, redact);
  }
  await startReading(duckdb, catalog, { tables, redact, workDir, isForCopy });
}

/**
 * Prepares the attached database for reports: without access to other files, and with locked settings.
 * @param folders folders whose files the tables are views of
 */
export async function startReading(
  duckdb: DuckDb,
  catalog: Catalog,
  { tables, redact, workDir, isForCopy = false }: Omit<OpenForReadingOptions, 'lockWait'>,
  folders: readonly string[] = [],
): Promise<void> {
  await prepareToRead(duckdb, catalog, tables, redact);
  await duckdb.restrictFileAccess(workDir, folders);
  if (!isForCopy) await duckdb.run('set lock_configuration = true');
}

/** Opens an empty database in memory for writing. @param tempDir folder for what does not fit into memory */
export async function openInMemory(duckdb: DuckDb, catalog: Catalog, tempDir: string): Promise<void> {
  await catalog.rules();
  await duckdb.run(`set temp_directory = ${literal(tempDir)}`);
  await duckdb.run("attach ':memory:' as db");
  await duckdb.run(searchPathSql);
  await duckdb.transaction(() => migrate(duckdb, catalog, schemaVersion));
}

/**
 * Opens a Parquet folder: an empty database in memory with views of its files. Nothing is written, and nothing locked.
 * @returns the real path of the folder
 */
export async function openFolder(duckdb: DuckDb, path: string, catalog: Catalog): Promise<string> {
  const folder = await readFolder(path, schemaVersion);
  // DuckDB creates it only for what does not fit into memory, and removes it.
  await duckdb.run(`set temp_directory = ${literal(join(tmpdir(), `wattduck-${randomUUID()}.tmp`))}`);
  await attachFolder(duckdb, folder, catalog);
  return folder.root;
}

/** Opens the data, or connects to the server that holds it, to read a few values; without waiting, migrations or views. */
export async function openForLookup(duckdb: DuckDb, path: string, catalog: Catalog): Promise<void> {
  assertExists(path);
  if (isFolderPath(path)) return void (await openFolder(duckdb, path, catalog));
  await attach(duckdb, path, ' (read_only)', catalog);
}

/** Starts a snapshot: later writes of others are not visible. */
export const snapshotSql = 'begin transaction read only';

/** Creates the views that reports need on this connection, with personal values hidden if `redact` is set. */
export async function prepareToRead(
  duckdb: DuckDb,
  catalog: Catalog,
  tables?: readonly string[],
  redact = false,
): Promise<void> {
  await createColumnViews(
    duckdb,
    tables ?? (await tablesInFile(duckdb)),
    redact ? await redactions(catalog) : undefined,
  );
}

/** Opens an existing database file for writing. @throws WattduckError (database_not_found) */
export async function openExistingForWriting(
  duckdb: DuckDb,
  path: string,
  catalog: Catalog,
  lockWait?: LockWait,
): Promise<void> {
  assertExists(path);
  await openForWriting(duckdb, path, catalog, lockWait);
}

/** Checks that data can be exported to a folder. @throws WattduckError (database_not_found, folder_is_database) */
export function assertReadable(path: string, folder: string): void {
  assertExists(path);
  if (isFolderPath(folder) && realpathSync(folder) === realpathSync(path))
    throw new WattduckError('folder_is_database', { path: folder });
}

function assertExists(path: string): void {
  if (!existsSync(path)) throw new WattduckError('database_not_found', { path });
}

/** Opens or creates the database file for writing and migrates its tables. */
export async function openForWriting(
  duckdb: DuckDb,
  path: string,
  catalog: Catalog,
  lockWait?: LockWait,
): Promise<void> {
  if (existsSync(join(path, manifestName))) throw new WattduckError('folder_read_only', { path });
  if (existsSync(path)) await assertDuckdbFile(path);
  // Imports apply the rules. They are checked with the tables in memory, which those of the file hide.
  await catalog.rules();
  await attach(duckdb, path, '', catalog, lockWait);
  if (duckdb.isRemote) return;
  try {
    const version = await readSchemaVersion(duckdb, path);
    await duckdb.transaction(() => migrate(duckdb, catalog, version));
  } catch (error) {
    throw duckdbError(error, path);
  }
}

/** Migrates the system tables and creates missing ones; the table of a source is created with its first import. */
async function migrate(duckdb: DuckDb, catalog: Catalog, version: number): Promise<void> {
  const present = new Set(await tablesInFile(duckdb));
  const isNew = !present.has('schema_version');
  if (version < schemaVersion)
    for (const { to, sql } of await catalog.migrations())
      if (to > version) for (const step of migrationSteps(sql, present)) await duckdb.run(step);
  for (const ddl of await catalog.systemTables()) {
    const name = /create table (\w+)/i.exec(ddl)?.[1];
    if (!present.has(name ?? '')) await duckdb.run(ddl);
  }
  if (version < 7) await compactHeartbeats(duckdb);
  if (version < 8) await compactEvents(duckdb);
  if (isNew || version < schemaVersion) {
    await duckdb.run('delete from schema_version');
    await duckdb.run(`insert into schema_version values (${schemaVersion})`);
  }
}

/**
 * The parts of a migration that apply to a file: a part below a line `-- requires table NAME` only applies if the file has the
 * table, because a transaction cannot change the empty table in memory as well.
 */
function migrationSteps(sql: string, tables: ReadonlySet<string>): string[] {
  const [first = '', ...rest] = sql.split(/^-- requires table (\w+)$/m);
  const parts = rest.flatMap((part, at) => (at % 2 === 1 && tables.has(rest[at - 1]!) ? [part] : []));
  return [first, ...parts].filter((part) => part.replaceAll(/--.*|\s/g, '') !== '');
}

/** Attaches the file, or connects to the server that holds it. */
async function attach(
  duckdb: DuckDb,
  path: string,
  options: string,
  catalog: Catalog,
  lockWait?: LockWait,
): Promise<void> {
  if (duckdb.isRemote) return;
  const warned = new Set<string>();
  const warn = (line: string): void => {
    if (!warned.has(line)) lockWait?.notify(line);
    warned.add(line);
  };
  try {
    await duckdb.run(`set temp_directory = ${literal(`${path}.tmp`)}`);
    await waitForLock(
      () => attachFile(duckdb, path, options),
      () => connectToServer(duckdb, path, catalog, lockWait, warn),
      path,
      lockWait,
    );
    if (duckdb.isRemote) return;
  } catch (error) {
    if (/does not exist|No such file/.test(String(error))) throw toFileError({ code: 'ENOENT' }, path);
    if (/Not a directory/.test(String(error))) throw toFileError({ code: 'ENOTDIR' }, path);
    throw duckdbError(error, path);
  }
  await duckdb.run(searchPathSql);
}

/** Attaches the file the path leads to: `wattduck optimize` may replace it after DuckDB opens it and before it has the lock. */
async function attachFile(duckdb: DuckDb, path: string, options: string): Promise<void> {
  for (;;) {
    const before = findIdentity(path);
    const error = await duckdb.run(`attach ${literal(path)} as db${options}`).catch((cause: unknown) => ({ cause }));
    if (before === undefined || findIdentity(path) === before) {
      if (error) throw error.cause;
      return;
    }
    if (!error) await duckdb.run('detach db');
  }
}

/** Undefined for a missing file, and for one that DuckDB will not find either. */
function findIdentity(path: string): string | undefined {
  try {
    return identityOf(statSync(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

/** Falls back to the empty tables in memory, so that a report never fails because a table has no data. */
export const searchPathSql = "set search_path = 'db.main,memory.main'";

/** Retries until the file is free, its server accepts the connection, or the wait is over. */
async function waitForLock(
  open: () => Promise<void>,
  connect: () => Promise<boolean>,
  path: string,
  lockWait?: LockWait,
): Promise<void> {
  const startedAt = performance.now();
  const deadline = startedAt + (lockWait?.seconds ?? 0) * 1000;
  for (let hasNotified = false; ;) {
    try {
      return await open();
    } catch (error) {
      const userError = duckdbError(error, path);
      if (!(userError instanceof WattduckError) || userError.kind !== 'database_locked') throw error;
      if (await connect()) return;
      if (performance.now() < startedAt + lockReleaseMs(lockHolder(error))) {
        await setTimeout(10);
        continue;
      }
      if (!lockWait || performance.now() >= deadline) throw error;
      if (!hasNotified) lockWait.notify(`${userError.message}; waiting (Ctrl-C to cancel)`);
      hasNotified = true;
      await setTimeout(100, undefined, { signal: lockWait.signal }).catch((cause: unknown) => {
        throw new WattduckError('lock_wait_interrupted', { path }, cause);
      });
    }
  }
}

/** Milliseconds to wait, without notice and even without `--wait`, for a lock that is being released. */
function lockReleaseMs(holder: number | undefined): number {
  // The kernel releases locks some time after a process has ended, later if it used much memory.
  if (holder !== undefined) return isExiting(holder) ? 10_000 : 0;
  // Without a known holder, the lock was just released, or the process is not visible from here.
  return 500;
}

/**
 * Sends all statements to the server that holds the file, if there is one.
 * @throws WattduckError (server_version_mismatch) if the server has another version
 */
async function connectToServer(
  duckdb: DuckDb,
  path: string,
  catalog: Catalog,
  lockWait?: LockWait,
  warn?: (line: string) => void,
): Promise<boolean> {
  const record = readLockFile(path, warn);
  if (record && !isReachable(record)) return false;
  const connection = record && (await RemoteConnection.open(record.address, lockWait));
  if (!record || !connection) return false;
  if (record.version !== packageVersion) {
    await connection.close();
    throw new WattduckError('server_version_mismatch', {
      path,
      version: record.version,
      pid: record.pid,
      own_version: packageVersion,
    });
  }
  const clientDir = await connection.enter().catch(() => undefined);
  // The server is shutting down.
  if (clientDir === undefined) return false;
  if (dirname(clientDir) !== record.spool)
    throw new Error(`expected the client folder in ${record.spool}, got ${clientDir}`);
  duckdb.connectRemote(connection, clientDir);
  if (catalog.userStatements.length > 0) await installUserSql(duckdb, basename(clientDir), catalog.userStatements);
  return true;
}

/** Creates the tables and macros of the user's SQL folders on the server, in a schema of this client. */
async function installUserSql(duckdb: DuckDb, clientName: string, statements: readonly string[]): Promise<void> {
  const schema = `memory.${identifier(clientName)}`;
  await duckdb.run(`create schema ${schema}`);
  await duckdb.run(`set search_path = ${literal(schema)}`);
  for (const statement of statements) await duckdb.run(statement);
  await duckdb.run(`set search_path = ${literal(`db.main,${schema},memory.main`)}`);
}

export async function detach(duckdb: DuckDb): Promise<void> {
  await duckdb.run("set search_path = 'memory.main'");
  await duckdb.run('detach db');
}

/** @throws WattduckError (not_a_database), or that of the file system */
export async function assertDuckdbFile(path: string): Promise<void> {
  if (statSync(path).isDirectory()) throw toFileError({ code: 'EISDIR' }, path);
  const file = await open(path).catch((error: unknown) => {
    throw toFileError(error, path);
  });
  // A file that another process is creating is short for a moment.
  for (let tries = 0; tries < 10 && (await file.stat()).size < 12; tries += 1) await setTimeout(20);
  const { buffer } = await file.read(Buffer.alloc(12), 0, 12, 0);
  await file.close();
  if (buffer.toString('latin1', 8, 12) !== 'DUCK') throw new WattduckError('not_a_database', { path });
}

/** Replays the write-ahead log of a killed process, which DuckDB may not do when it opens a file read-only. */
async function replayLog(duckdb: DuckDb, path: string, catalog: Catalog, lockWait?: LockWait): Promise<void> {
  const logPath = `${path}.wal`;
  if (!existsSync(logPath) || statSync(logPath).size === 0) return;
  await attach(duckdb, path, '', catalog, lockWait);
  if (duckdb.isRemote) return;
  await duckdb.run('checkpoint db');
  await detach(duckdb);
}

/** Schema version of the file, the current one if it has no tables. @throws WattduckError (schema_too_new) */
async function readSchemaVersion(duckdb: DuckDb, path: string): Promise<number> {
  const { newest } = await duckdb.row('select max(version) as newest from schema_version');
  const version = Number(newest ?? schemaVersion);
  if (version > schemaVersion) throw new WattduckError('schema_too_new', { path, version, max: schemaVersion });
  return version;
}
