import type { Command } from 'commander';
import type { Catalog } from '../catalog/catalog.ts';
import { interruptedError, WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import { resolveSettings, type GlobalOptions, type Settings } from '../settings.ts';
import { plainLine } from '../text/plain-text.ts';
import type { LockWait } from '../warehouse/connection.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';

/** Settings, catalog and database connection of a command. */
export interface CommandContext {
  io: Io;
  settings: Settings;
  duckdb: DuckDb;
  catalog: Catalog;
  /** How to wait for a locked database. */
  lockWait: LockWait;
}

/** Adds the options of every command. */
export function addCommonOptions(command: Command): Command {
  return command
    .option('--db <file>', 'DuckDB file (env WATTDUCK_DB; default ./wattduck.duckdb)')
    .option('--tz <zone>', 'IANA time zone of times without an offset (env WATTDUCK_TZ; default UTC)')
    .option(
      '--sql-dir <folder>',
      'Folder of your own SQL files, repeatable (env WATTDUCK_SQL_DIR)',
      (value, all: string[] = []) => [...all, value],
    )
    .option('--memory-limit <size>', 'Maximum memory for DuckDB, such as 4GB (env WATTDUCK_MEMORY_LIMIT)')
    .option('--wait <seconds>', 'Seconds to wait for a locked database (env WATTDUCK_WAIT; default 600)')
    .option('--redact', 'Hide e-mail addresses and names of people (env WATTDUCK_REDACT)')
    .option('--debug', 'Show the cause of an error');
}

/** Adds the options of every command that prints rows. */
export function addOutputOptions(command: Command): Command {
  return command
    .option(
      '-f, --format <format>',
      'Output format: table, json, ndjson, csv or markdown (default: from the -o extension, else table)',
    )
    .option('--json', 'Output JSON (same as --format json and the HTTP API)')
    .option('-o, --output <file>', 'File to write instead of stdout')
    .option('--columns <names>', 'Columns to show, in this order, separated by commas')
    .option('--csv-safe', 'Prefix CSV values that a spreadsheet would run as formulas with a quote')
    .option('--wide', 'Show all columns at full width');
}

/** Opens DuckDB and the catalog, runs the work, and closes both. Ctrl-C interrupts the query; a second one ends the process. */
export async function withContext<T>(
  io: Io,
  options: GlobalOptions,
  work: (context: CommandContext) => Promise<T>,
): Promise<T> {
  const settings = resolveSettings(options, io.env, io.cwd);
  // DuckDB opens on another thread while the catalog module loads.
  const opening = import('../warehouse/duckdb.ts').then(({ DuckDb }) => DuckDb.open(settings.memoryLimit.value));
  const [duckdb, { Catalog }] = await Promise.all([opening, import('../catalog/catalog.ts')]);
  const stop = new AbortController();
  const interrupt = (): void => {
    stop.abort();
    // The listener runs once, so a second Ctrl-C ends the process, with status 130.
    duckdb.interrupt();
  };
  process.once('SIGINT', interrupt);
  try {
    const catalog = await Catalog.open(duckdb, settings.sqlDir.value);
    const lockWait = {
      seconds: settings.wait.value,
      notify: (line: string) => io.stderr.write(`${plainLine(line)}\n`),
      signal: stop.signal,
    };
    return await work({ io, settings, duckdb, catalog, lockWait });
  } catch (error) {
    // An interrupted statement may fail in many ways: report each of them as interrupted.
    if (stop.signal.aborted && !(error instanceof WattduckError && error.kind === 'interrupted'))
      throw interruptedError(error);
    throw error;
  } finally {
    // Ctrl-C must not interrupt the last checkpoint.
    await duckdb.close();
    process.off('SIGINT', interrupt);
  }
}
