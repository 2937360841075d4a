import type { Command } from 'commander';
import type { Catalog } from '../catalog/catalog.ts';
import { interruptedError, WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import { resolveSettings, type GlobalOptions, type Settings } from '../settings.ts';
import { plainLine } from '../text/plain-text.ts';
import type { LockWait } from '../warehouse/connection.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';

/** What a command works with once its options are read. */
export interface CommandContext {
  io: Io;
  settings: Settings;
  duckdb: DuckDb;
  catalog: Catalog;
  /** How long to wait for the database, from the settings. */
  lockWait: LockWait;
}

/** Options that mean the same in every command. */
export function addCommonOptions(command: Command): Command {
  return command
    .option('--db <file>', 'the DuckDB file (env WATTDUCK_DB; default ./wattduck.duckdb)')
    .option('--tz <zone>', 'IANA time zone of dates without an offset (env WATTDUCK_TZ; default UTC)')
    .option(
      '--sql-dir <folder>',
      'a folder of your own SQL files, repeatable (env WATTDUCK_SQL_DIR)',
      (value, all: string[] = []) => [...all, value],
    )
    .option('--memory-limit <size>', 'most memory DuckDB may use, like 4GB (env WATTDUCK_MEMORY_LIMIT)')
    .option(
      '--wait <seconds>',
      'how long to wait for a database another process holds (env WATTDUCK_WAIT; default 600)',
    )
    .option('--redact', 'hide e-mail addresses and names of people in every answer (env WATTDUCK_REDACT)')
    .option('--debug', 'show the cause of an error');
}

/** Options of every command that answers rows. */
export function addOutputOptions(command: Command): Command {
  return command
    .option('-f, --format <format>', 'table, json, ndjson, csv or markdown (default: by -o, else table)')
    .option('--json', 'short for --format json: the document HTTP answers')
    .option('-o, --output <file>', 'write to a file instead of the terminal')
    .option('--columns <names>', 'only these columns, in this order, separated by commas')
    .option('--csv-safe', 'in CSV, put a quote before values that a spreadsheet would run as formulas')
    .option('--wide', 'do not fit the table to the terminal');
}

/** Opens DuckDB and the catalog, runs the work, closes; Ctrl-C interrupts the query first and the process second. */
export async function withContext<T>(
  io: Io,
  options: GlobalOptions,
  work: (context: CommandContext) => Promise<T>,
): Promise<T> {
  const settings = resolveSettings(options, io.env, io.cwd);
  // DuckDB opens on a thread of its own while the rest is loaded.
  const opening = import('../warehouse/duckdb.ts').then(({ DuckDb }) => DuckDb.open(settings.memoryLimit.value));
  const [duckdb, { Catalog }] = await Promise.all([opening, import('../catalog/catalog.ts')]);
  const stop = new AbortController();
  const interrupt = (): void => {
    stop.abort();
    // With nobody to hear it a second one ends the process at once, which the shell tells as 130.
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
    // What a statement that was broken off is taken for, is no matter.
    if (stop.signal.aborted && !(error instanceof WattduckError && error.kind === 'interrupted'))
      throw interruptedError(error);
    throw error;
  } finally {
    // The last checkpoint is not to be broken off.
    await duckdb.close();
    process.off('SIGINT', interrupt);
  }
}
