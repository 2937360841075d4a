import { Help, Option, type Command } from 'commander';
import type { Catalog } from '../catalog/catalog.ts';
import type { Report } from '../catalog/definitions.ts';
import { interruptedError, WattduckError } from '../errors/wattduck-error.ts';
import { elapsed, setVerbosity, trace, type Io } from '../io.ts';
import { listSettings, resolveSettings, type GlobalOptions, type Settings } from '../settings.ts';
import { plainLine } from '../text/plain-text.ts';
import type { LockWait } from '../warehouse/connection.ts';
import type { OpenForReadingOptions } from '../warehouse/database.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';

/** Settings, catalog and database connection of a command. */
export interface CommandContext {
  io: Io;
  settings: Settings;
  duckdb: DuckDb;
  catalog: Catalog;
  /** How to wait for a locked database. */
  lockWait: LockWait;
  /** Opens what reports read: the database, or files that were imported into memory. */
  openData(options?: OpenDataOptions): Promise<void>;
}

/** Tables to read, all if undefined; and the only folder that DuckDB may read and write besides the data. */
export type OpenDataOptions = Pick<OpenForReadingOptions, 'tables' | 'workDir'>;

const outputGroup = 'Output options:';
export const commonGroup = 'Common options:';

/** Lists the options of every command after those of its own. */
function sortGroups<T>(groups: Map<string, T>): Map<string, T> {
  const lastGroups = [outputGroup, commonGroup];
  return new Map([...groups].toSorted(([a], [b]) => lastGroups.indexOf(a) - lastGroups.indexOf(b)));
}

/** Adds the options of every command. */
export function addCommonOptions(command: Command): Command {
  return command
    .configureHelp({
      groupItems: (...items) => sortGroups(new Help().groupItems(...items)),
    })
    .optionsGroup(commonGroup)
    .option('--db <file>', 'DuckDB file (env WATTDUCK_DB; default ./wattduck.duckdb)')
    .option(
      '--tz <zone>',
      'IANA time zone of times without an offset (env WATTDUCK_TZ; default: in reports the zone that all sites share, else UTC)',
    )
    .option(
      '--base-currency <code>',
      'Currency that amounts are converted to (env WATTDUCK_CURRENCY; default: that of most sessions)',
    )
    .option(
      '--sql-dir <folder>',
      'Folder of your own SQL files, repeatable (env WATTDUCK_SQL_DIR)',
      (value, all: string[] = []) => [...all, value],
    )
    .option('--memory-limit <size>', 'Maximum memory for DuckDB, such as 4GB (env WATTDUCK_MEMORY_LIMIT)')
    .option('--wait <seconds>', 'Seconds to wait for a locked database (env WATTDUCK_WAIT; default 600)')
    .option('--redact', 'Hide e-mail addresses and names of people (env WATTDUCK_REDACT)')
    .option('--debug', 'Show the cause of an error')
    .addOption(new Option('-q, --quiet', 'Errors only: no notes and no summary').conflicts('verbose'))
    .option('-v, --verbose', 'Times, SQL files and settings, on stderr')
    .optionsGroup('');
}

/** Adds the options of every command that prints rows. */
export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup(outputGroup)
    .option(
      '-f, --format <format>',
      'Output format: table, record, json, ndjson, csv, tsv, markdown, html, xlsx or parquet (default: from the -o extension, else table)',
    )
    .option('--json', 'Output JSON (same as --format json and the HTTP API)')
    .option('-o, --output <file>', 'File to write instead of stdout')
    .option('--columns <names>', 'Columns to show, in this order, separated by commas')
    .option('--csv-safe', 'Prefix CSV and TSV values that a spreadsheet would run as formulas with a quote')
    .option(
      '--csv-dialect <name>',
      'CSV for Excel: excel, excel-ch, excel-de, excel-es, excel-fr, excel-it, excel-nl, excel-pl or excel-pt',
    )
    .option('--wide', 'Show all columns at full width; on a terminal too narrow for them, one field per line')
    .optionsGroup('');
}

/** Tables that every report needs; those that a file lacks are read from memory. */
const systemTables = ['schema_version', 'prunes'];

/** What a command works with that may need no database. */
export interface DefinitionContext extends Pick<CommandContext, 'io' | 'settings' | 'catalog'> {
  /**
   * Opens DuckDB for these reports alone, runs the work, closes.
   * @param loadCode imports code of the work, while DuckDB opens
   */
  query<T>(
    reports: readonly Report[],
    work: (context: CommandContext) => Promise<T>,
    loadCode?: () => Promise<unknown>,
  ): Promise<T>;
}

/** Opens the catalog, and DuckDB only if the catalog needs it: for the user's own files, and where nothing is built. */
export async function withDefinitions<T>(
  io: Io,
  options: GlobalOptions,
  work: (context: DefinitionContext) => Promise<T>,
): Promise<T> {
  setVerbosity(io, options);
  const settings = resolveSettings(options, io.env, io.cwd);
  traceSettings(io, settings);
  const { Catalog } = await import('../catalog/catalog.ts');
  const catalog = settings.sqlDir.value.length === 0 ? Catalog.openBuilt() : undefined;
  if (!catalog) return openContext(io, settings, (context) => work({ ...context, query: (_, run) => run(context) }));
  return work({
    io,
    settings,
    catalog,
    query: (reports, run, loadCode) =>
      withDatabase(io, settings, run, async (opening) => {
        const loading = Promise.all([import('../warehouse/database.ts'), loadCode?.()]);
        // The work reports the error when it imports the same code.
        loading.catch(() => undefined);
        const { sqlOf } = await import('../reports/run-report.ts');
        const sqlTexts = [...systemTables, ...reports.flatMap(sqlOf)];
        await catalog.prepare(await opening, sqlTexts);
        return catalog;
      }),
  });
}

/** Opens DuckDB and the catalog, runs the work, closes. */
export async function withContext<T>(
  io: Io,
  options: GlobalOptions,
  work: (context: CommandContext) => Promise<T>,
): Promise<T> {
  setVerbosity(io, options);
  const settings = resolveSettings(options, io.env, io.cwd);
  traceSettings(io, settings);
  return openContext(io, settings, work);
}

async function openContext<T>(io: Io, settings: Settings, work: (context: CommandContext) => Promise<T>): Promise<T> {
  const loading = import('../catalog/catalog.ts');
  return withDatabase(io, settings, work, async (opening) =>
    (await loading).Catalog.open(opening, settings.sqlDir.value),
  );
}

/** The database, and the settings that are not the default. */
function traceSettings(io: Io, settings: Settings): void {
  for (const { name, value, origin } of listSettings(settings))
    if (name === 'db' || origin !== 'default') trace(io, `setting ${name}: ${value} (${origin})`);
}

/**
 * Ctrl-C interrupts the query; a second one ends the process.
 * @param openCatalog runs while DuckDB opens, on a thread of its own
 */
async function withDatabase<T>(
  io: Io,
  settings: Settings,
  work: (context: CommandContext) => Promise<T>,
  openCatalog: (opening: Promise<DuckDb>) => Promise<Catalog>,
): Promise<T> {
  const started = performance.now();
  const { DuckDb } = await import('../warehouse/duckdb.ts');
  const opening = DuckDb.open(settings.memoryLimit.value);
  const openingCatalog = openCatalog(opening);
  openingCatalog.catch(() => undefined);
  const duckdb = await opening;
  const stop = new AbortController();
  const interrupt = (): void => {
    stop.abort();
    // The listener runs once, so a second Ctrl-C ends the process, with status 130.
    duckdb.interrupt();
  };
  process.once('SIGINT', interrupt);
  try {
    const catalog = await openingCatalog;
    trace(io, `started DuckDB and the catalog: ${elapsed(started)}`);
    const lockWait = {
      seconds: settings.wait.value,
      notify: (line: string) => io.stderr.write(`${plainLine(line)}\n`),
      signal: stop.signal,
    };
    const openData = async (readOptions: OpenDataOptions = {}): Promise<void> => {
      const { openForReading } = await import('../warehouse/database.ts');
      await openForReading(duckdb, settings.db.value, catalog, {
        ...readOptions,
        lockWait,
        redact: settings.redact.value,
      });
    };
    return await work({ io, settings, duckdb, catalog, lockWait, openData });
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
