import { existsSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Catalog } from '../catalog/catalog.ts';
import { toFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { packageVersion } from '../paths.ts';
import { clipped } from '../text/plain-text.ts';
import type { LockWait } from './connection.ts';
import { duckdbError, lockHolder } from './duckdb-errors.ts';
import { identifier, literal, type DuckDb } from './duckdb.ts';
import { isExiting } from './exiting-process.ts';
import { isReachable, readLockFile } from './lock-file.ts';
import { redactions } from './redact.ts';
import { RemoteConnection } from './remote-connection.ts';
import { createColumnViews, tablesInFile } from './tables.ts';

/** Rises with every change of our own tables. */
export const schemaVersion = 3;

/** What of a database file is to be read, and how. */
export interface OpenForReadingOptions {
  lockWait?: LockWait;
  /** Those that are to be read; all, where they can't be told. */
  tables?: readonly string[] | undefined;
  /** True where what tells of a person is hidden. */
  redact?: boolean;
}

/**
 * Opens the database file for reports: read-only, and the connection closed to the disk and to new settings. One that another
 * wattduck serves is read by way of it.
 */
export async function openForReading(
  duckdb: DuckDb,
  path: string,
  catalog: Catalog,
  { lockWait, tables, redact }: OpenForReadingOptions = {},
): Promise<void> {
  assertExists(path);
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
    // What a command reads is of one moment, whatever others write meanwhile, and it reads only.
    await duckdb.run(snapshotSql);
    return prepareToRead(duckdb, catalog, tables, redact);
  }
  await prepareToRead(duckdb, catalog, tables, redact);
  await duckdb.run('set enable_external_access = false');
  await duckdb.run('set lock_configuration = true');
}

/** Begins to read: from here on all is of one moment. */
export const snapshotSql = 'begin transaction read only';

/** Lets reports find on this connection what they ask for, and not what they are not to see. */
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

/** Opens a database file that is there for writing: for what has no use in a new one. */
export async function openExistingForWriting(
  duckdb: DuckDb,
  path: string,
  catalog: Catalog,
  lockWait?: LockWait,
): Promise<void> {
  assertExists(path);
  await openForWriting(duckdb, path, catalog, lockWait);
}

function assertExists(path: string): void {
  if (!existsSync(path)) {
    throw new WattduckError(
      'not_found',
      clipped`no database at ${path}`,
      'Make one with: wattduck ingest FILE (or name another with --db).',
    );
  }
}

/** Opens or makes the database file for writing and brings its tables up to date. */
export async function openForWriting(
  duckdb: DuckDb,
  path: string,
  catalog: Catalog,
  lockWait?: LockWait,
): Promise<void> {
  if (existsSync(path)) await assertDuckdbFile(path);
  await attach(duckdb, path, '', catalog, lockWait);
  if (duckdb.isRemote) return;
  try {
    const version = await readSchemaVersion(duckdb, path);
    await duckdb.transaction(() => migrate(duckdb, catalog, version));
  } catch (error) {
    throw duckdbError(error, path);
  }
}

/** Changes our own tables from an older layout, and makes those a file lacks; a source's is made when something is taken in for it. */
async function migrate(duckdb: DuckDb, catalog: Catalog, version: number): Promise<void> {
  const present = new Set(await tablesInFile(duckdb));
  const isNew = !present.has('schema_version');
  if (version < schemaVersion)
    for (const { to, sql } of await catalog.migrations()) if (to > version) await duckdb.run(sql);
  for (const ddl of await catalog.systemTables()) {
    const name = /create table (\w+)/i.exec(ddl)?.[1];
    if (!present.has(name ?? '')) await duckdb.run(ddl);
  }
  if (isNew || version < schemaVersion) {
    await duckdb.run('delete from schema_version');
    await duckdb.run(`insert into schema_version values (${schemaVersion})`);
  }
}

/** Attaches the file, or reaches the wattduck that serves it. */
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
      () => duckdb.run(`attach ${literal(path)} as db${options}`),
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

/** What the file lacks is found, empty, in memory: a report never fails for a table nothing was ingested into. */
export const searchPathSql = "set search_path = 'db.main,memory.main'";

/** Tries until no other process holds the file, its owner lets us in, or patience is at its end. */
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
      if (!hasNotified) lockWait.notify(`${userError.message}; waiting for it to end (Ctrl-C stops waiting)`);
      hasNotified = true;
      await setTimeout(100, undefined, { signal: lockWait.signal }).catch((cause: unknown) => {
        throw new WattduckError('interrupted', clipped`interrupted while waiting for ${path}`, undefined, cause);
      });
    }
  }
}

/** How long a lock is waited for, in silence and whatever the patience, that is not really in use any more. */
function lockReleaseMs(holder: number | undefined): number {
  // The kernel releases the locks of a process some time after it has ended; one with much memory takes longest.
  if (holder !== undefined) return isExiting(holder) ? 10_000 : 0;
  // Where nobody was found to hold it, it was released meanwhile, or its holder can't be seen from here.
  return 500;
}

/**
 * Sends all statements to the process that serves the file, where there is one.
 * @throws WattduckError (database_locked) where that is another version of this program
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
    throw new WattduckError(
      'database_locked',
      clipped`${path} is served by wattduck ${record.version} (process ${record.pid}), this is ${packageVersion}`,
      'Use the same version, or stop that one.',
    );
  }
  const clientDir = await connection.enter().catch(() => undefined);
  // It was about to end.
  if (clientDir === undefined) return false;
  if (dirname(clientDir) !== record.spool)
    throw new Error(`the server has its folder at ${record.spool}, not at ${clientDir}`);
  duckdb.connectRemote(connection, clientDir);
  if (catalog.userStatements.length > 0) await installUserSql(duckdb, basename(clientDir), catalog.userStatements);
  return true;
}

/** The owner has the built-in tables and macros in memory; those of our own folders are put into a schema there that is this guest's alone. */
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

async function assertDuckdbFile(path: string): Promise<void> {
  if (statSync(path).isDirectory()) throw toFileError({ code: 'EISDIR' }, path);
  const file = await open(path).catch((error: unknown) => {
    throw toFileError(error, path);
  });
  // A file another process is just making is short for a moment.
  for (let tries = 0; tries < 10 && (await file.stat()).size < 12; tries += 1) await setTimeout(20);
  const { buffer } = await file.read(Buffer.alloc(12), 0, 12, 0);
  await file.close();
  if (buffer.toString('latin1', 8, 12) !== 'DUCK') {
    throw new WattduckError('failed', clipped`${path} is not a DuckDB database`, 'Name another file with --db.');
  }
}

/** A write-ahead log left by a killed process is taken in first: a read-only opener may not see it. */
async function replayLog(duckdb: DuckDb, path: string, catalog: Catalog, lockWait?: LockWait): Promise<void> {
  const logPath = `${path}.wal`;
  if (!existsSync(logPath) || statSync(logPath).size === 0) return;
  await attach(duckdb, path, '', catalog, lockWait);
  if (duckdb.isRemote) return;
  await duckdb.run('checkpoint db');
  await detach(duckdb);
}

/** The layout of a file's tables; a newer one than ours is refused, a file without tables counts as ours. */
async function readSchemaVersion(duckdb: DuckDb, path: string): Promise<number> {
  const { found } = await duckdb.row('select max(version) as found from schema_version');
  const version = Number(found ?? schemaVersion);
  if (version > schemaVersion) {
    throw new WattduckError(
      'failed',
      clipped`${path} has schema version ${version}, this wattduck knows ${schemaVersion}`,
      'Update wattduck.',
    );
  }
  return version;
}
