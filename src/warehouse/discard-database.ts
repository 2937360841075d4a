import { rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { databaseTable, tablesInFile } from './tables.ts';
import type { DuckDb } from './duckdb.ts';

/** Tables that a new database has rows in. */
const filledTables = ['schema_version'];

/** Milliseconds in which a process that has opened the file finds it locked. */
const lockMs = 50;

/**
 * Removes a database file that this process has created and holds, if nothing was written to it.
 * Another process may wait for the file: it opens a new one.
 */
export async function discardEmptyDatabase(duckdb: DuckDb, path: string): Promise<void> {
  if (duckdb.isRemote) return;
  for (const table of await tablesInFile(duckdb))
    if (!filledTables.includes(table) && (await duckdb.countRows(`from ${databaseTable(table)}`)) > 0) return;
  // Closing the file must not touch the log of a process that creates it anew.
  await duckdb.run('checkpoint db');
  await duckdb.run('pragma disable_checkpoint_on_shutdown');
  try {
    rmSync(path);
  } catch {
    // Windows removes no open file: an empty database does no harm.
    return;
  }
  await setTimeout(lockMs);
}
