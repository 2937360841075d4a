import { existsSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Catalog } from '../catalog/catalog.ts';
import { fileFault, WattduckError } from '../errors.ts';
import { packageVersion } from '../paths.ts';
import { clipped } from '../text/plain-text.ts';
import { identifier, literal, type Engine } from './engine.ts';
import { isExiting } from './exiting-process.ts';
import { duckdbFault, lockHolder } from './faults.ts';
import type { Patience } from './link.ts';
import { findRecord, isReachable } from './owner-record.ts';
import { withoutPersons } from './redact.ts';
import { RemoteLink } from './remote-link.ts';
import { tablesInFile, widenTables } from './tables.ts';

/** Rises with every change of our own tables. */
export const schemaVersion = 2;

/** What of a database file is to be read, and how. */
export interface Opening {
  patience?: Patience;
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
  engine: Engine,
  path: string,
  catalog: Catalog,
  { patience, tables, redact }: Opening = {},
): Promise<void> {
  refuseAbsent(path);
  await refuseForeign(path);
  await recover(engine, path, catalog, patience);
  await attach(engine, path, ' (read_only)', catalog, patience);
  if (!engine.isReached && (await versionOf(engine, path)) < schemaVersion) {
    await detach(engine);
    await openForWriting(engine, path, catalog, patience);
    await detach(engine);
    await attach(engine, path, ' (read_only)', catalog, patience);
  }
  if (engine.isReached) {
    // What a command reads is of one moment, whatever others write meanwhile, and it reads only.
    await engine.run(snapshot);
    return prepareToRead(engine, catalog, tables, redact);
  }
  await prepareToRead(engine, catalog, tables, redact);
  await engine.run('set enable_external_access = false');
  await engine.run('set lock_configuration = true');
}

/** Begins to read: from here on all is of one moment. */
export const snapshot = 'begin transaction read only';

/** Lets reports find on this connection what they ask for, and not what they are not to see. */
export async function prepareToRead(
  engine: Engine,
  catalog: Catalog,
  tables?: readonly string[],
  redact = false,
): Promise<void> {
  await widenTables(engine, tables ?? (await tablesInFile(engine)), redact ? await withoutPersons(catalog) : undefined);
}

/** Opens a database file that is there for writing: for what has no use in a new one. */
export async function openForChanging(
  engine: Engine,
  path: string,
  catalog: Catalog,
  patience?: Patience,
): Promise<void> {
  refuseAbsent(path);
  await openForWriting(engine, path, catalog, patience);
}

function refuseAbsent(path: string): void {
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
  engine: Engine,
  path: string,
  catalog: Catalog,
  patience?: Patience,
): Promise<void> {
  if (existsSync(path)) await refuseForeign(path);
  await attach(engine, path, '', catalog, patience);
  if (engine.isReached) return;
  try {
    const version = await versionOf(engine, path);
    await engine.transaction(() => bringUpToDate(engine, catalog, version));
  } catch (error) {
    throw duckdbFault(error, path);
  }
}

/** Changes our own tables from an older layout, and makes those a file lacks; a source's is made when something is taken in for it. */
async function bringUpToDate(engine: Engine, catalog: Catalog, version: number): Promise<void> {
  const present = new Set(await tablesInFile(engine));
  const isNew = !present.has('schema_version');
  if (version < schemaVersion)
    for (const { to, sql } of await catalog.migrations()) if (to > version) await engine.run(sql);
  for (const ddl of await catalog.systemTables()) {
    const name = /create table (\w+)/i.exec(ddl)?.[1];
    if (!present.has(name ?? '')) await engine.run(ddl);
  }
  if (isNew || version < schemaVersion) {
    await engine.run('delete from schema_version');
    await engine.run(`insert into schema_version values (${schemaVersion})`);
  }
}

/** Attaches the file, or reaches the wattduck that serves it. */
async function attach(
  engine: Engine,
  path: string,
  options: string,
  catalog: Catalog,
  patience?: Patience,
): Promise<void> {
  if (engine.isReached) return;
  const warned = new Set<string>();
  const warn = (line: string): void => {
    if (!warned.has(line)) patience?.tell(line);
    warned.add(line);
  };
  try {
    await engine.run(`set temp_directory = ${literal(`${path}.tmp`)}`);
    await inTurn(
      () => engine.run(`attach ${literal(path)} as db${options}`),
      () => reachOwner(engine, path, catalog, patience, warn),
      path,
      patience,
    );
    if (engine.isReached) return;
  } catch (error) {
    if (/does not exist|No such file/.test(String(error))) throw fileFault({ code: 'ENOENT' }, path);
    if (/Not a directory/.test(String(error))) throw fileFault({ code: 'ENOTDIR' }, path);
    throw duckdbFault(error, path);
  }
  await engine.run(searchPath);
}

/** What the file lacks is found, empty, in memory: a report never fails for a table nothing was ingested into. */
export const searchPath = "set search_path = 'db.main,memory.main'";

/** Tries until no other process holds the file, its owner lets us in, or patience is at its end. */
async function inTurn(
  open: () => Promise<void>,
  reach: () => Promise<boolean>,
  path: string,
  patience?: Patience,
): Promise<void> {
  const begun = performance.now();
  const end = begun + (patience?.seconds ?? 0) * 1000;
  for (let told = false; ;) {
    try {
      return await open();
    } catch (error) {
      const fault = duckdbFault(error, path);
      if (!(fault instanceof WattduckError) || fault.kind !== 'in_use') throw error;
      if (await reach()) return;
      if (performance.now() < begun + releaseTime(lockHolder(error))) {
        await setTimeout(10);
        continue;
      }
      if (!patience || performance.now() >= end) throw error;
      if (!told) patience.tell(`${fault.message}; waiting for it to end (Ctrl-C stops waiting)`);
      told = true;
      await setTimeout(100, undefined, { signal: patience.stopped }).catch((stopped: unknown) => {
        throw new WattduckError('interrupted', clipped`interrupted while waiting for ${path}`, undefined, stopped);
      });
    }
  }
}

/** How long a lock is waited for, in silence and whatever the patience, that is not really in use any more. */
function releaseTime(holder: number | undefined): number {
  // The kernel releases the locks of a process some time after it has ended; one with much memory takes longest.
  if (holder !== undefined) return isExiting(holder) ? 10_000 : 0;
  // Where nobody was found to hold it, it was released meanwhile, or its holder can't be seen from here.
  return 500;
}

/**
 * Sends all statements to the process that serves the file, where there is one.
 * @throws WattduckError (in_use) where that is another version of this program
 */
async function reachOwner(
  engine: Engine,
  path: string,
  catalog: Catalog,
  patience?: Patience,
  warn?: (line: string) => void,
): Promise<boolean> {
  const record = findRecord(path, warn);
  if (record && !isReachable(record)) return false;
  const link = record && (await RemoteLink.open(record.address, patience));
  if (!record || !link) return false;
  if (record.version !== packageVersion) {
    await link.close();
    throw new WattduckError(
      'in_use',
      clipped`${path} is served by wattduck ${record.version} (process ${record.pid}), this is ${packageVersion}`,
      'Use the same version, or stop that one.',
    );
  }
  const room = await link.enter().catch(() => undefined);
  // It was about to end.
  if (room === undefined) return false;
  if (dirname(room) !== record.spool) throw new Error(`the server has its folder at ${record.spool}, not at ${room}`);
  engine.reach(link, room);
  if (catalog.ownStatements.length > 0) await bringAlong(engine, basename(room), catalog.ownStatements);
  return true;
}

/** The owner has the built-in tables and macros in memory; those of our own folders are put into a schema there that is this guest's alone. */
async function bringAlong(engine: Engine, guest: string, statements: readonly string[]): Promise<void> {
  const schema = `memory.${identifier(guest)}`;
  await engine.run(`create schema ${schema}`);
  await engine.run(`set search_path = ${literal(schema)}`);
  for (const statement of statements) await engine.run(statement);
  await engine.run(`set search_path = ${literal(`db.main,${schema},memory.main`)}`);
}

export async function detach(engine: Engine): Promise<void> {
  await engine.run("set search_path = 'memory.main'");
  await engine.run('detach db');
}

async function refuseForeign(path: string): Promise<void> {
  if (statSync(path).isDirectory()) throw fileFault({ code: 'EISDIR' }, path);
  const file = await open(path).catch((error: unknown) => {
    throw fileFault(error, path);
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
async function recover(engine: Engine, path: string, catalog: Catalog, patience?: Patience): Promise<void> {
  const log = `${path}.wal`;
  if (!existsSync(log) || statSync(log).size === 0) return;
  await attach(engine, path, '', catalog, patience);
  if (engine.isReached) return;
  await engine.run('checkpoint db');
  await detach(engine);
}

/** The layout of a file's tables; a newer one than ours is refused, a file without tables counts as ours. */
async function versionOf(engine: Engine, path: string): Promise<number> {
  const { found } = await engine.row('select max(version) as found from schema_version');
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
