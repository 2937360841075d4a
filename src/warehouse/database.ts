import { existsSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Catalog } from '../catalog/catalog.ts';
import { fileFault, WattduckError } from '../errors.ts';
import { literal, type Engine } from './engine.ts';
import { duckdbFault } from './faults.ts';

/** Rises with every change of our own tables. */
export const schemaVersion = 1;

/** Opens the database file for reports: read-only, and the connection closed to the disk and to new settings. */
export async function openForReading(engine: Engine, path: string): Promise<void> {
  if (!existsSync(path)) {
    throw new WattduckError('not_found', `no database at ${path}`, 'Make one with: wattduck ingest FILE (or name another with --db).');
  }
  await refuseForeign(path);
  await recover(engine, path);
  await attach(engine, path, ' (read_only)');
  await checkVersion(engine, path);
  await engine.run('set enable_external_access = false');
  await engine.run('set lock_configuration = true');
}

/** Opens or makes the database file for writing and brings its tables up to date. */
export async function openForWriting(engine: Engine, path: string, catalog: Catalog): Promise<void> {
  if (existsSync(path)) await refuseForeign(path);
  await attach(engine, path, '');
  await checkVersion(engine, path);
  try {
    await engine.transaction(async () => {
      const present = new Set((await engine.rows("select table_name from duckdb_tables() where database_name = 'db'")).map((row) => row['table_name']));
      for (const ddl of await catalog.tables()) {
        const name = /create table (\w+)/i.exec(ddl)?.[1];
        if (!present.has(name ?? '')) await engine.run(ddl);
      }
      if (!present.has('schema_version')) await engine.run(`insert into schema_version values (${schemaVersion})`);
    });
  } catch (error) {
    throw duckdbFault(error, path);
  }
}

async function attach(engine: Engine, path: string, options: string): Promise<void> {
  try {
    await engine.run(`set temp_directory = ${literal(`${path}.tmp`)}`);
    await engine.run(`attach ${literal(path)} as db${options}`);
  } catch (error) {
    if (/does not exist|No such file/.test(String(error))) throw fileFault({ code: 'ENOENT' }, path);
    if (/Not a directory/.test(String(error))) throw fileFault({ code: 'ENOTDIR' }, path);
    throw duckdbFault(error, path);
  }
  // What the file lacks is found, empty, in memory: a report never fails for a table nothing was ingested into.
  await engine.run("set search_path = 'db.main,memory.main'");
}

async function refuseForeign(path: string): Promise<void> {
  if (statSync(path).isDirectory()) throw fileFault({ code: 'EISDIR' }, path);
  const file = await open(path).catch((error: unknown) => {
    throw fileFault(error, path);
  });
  const { buffer } = await file.read(Buffer.alloc(12), 0, 12, 0);
  await file.close();
  if (buffer.toString('latin1', 8, 12) !== 'DUCK') {
    throw new WattduckError('failed', `${path} is not a DuckDB database`, 'Name another file with --db.');
  }
}

/** A write-ahead log left by a killed process is taken in first: a read-only opener may not see it. */
async function recover(engine: Engine, path: string): Promise<void> {
  const log = `${path}.wal`;
  if (!existsSync(log) || statSync(log).size === 0) return;
  await attach(engine, path, '');
  await engine.run('checkpoint db');
  await engine.run("set search_path = 'memory.main'");
  await engine.run('detach db');
}

async function checkVersion(engine: Engine, path: string): Promise<void> {
  const { found } = await engine.row('select max(version) as found from schema_version');
  if (Number(found ?? 0) > schemaVersion) {
    throw new WattduckError('failed', `${path} has schema version ${found}, this wattduck knows ${schemaVersion}`, 'Update wattduck.');
  }
}
