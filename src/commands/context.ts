import { Help, Option, type Command } from 'commander';
import type { Catalog } from '../catalog/catalog.ts';
import type { Report } from '../catalog/definitions.ts';
import { interruptedError, WattduckError } from '../errors/wattduck-error.ts';
import { elapsed, setVerbosity, trace, type Io } from '../io.ts';
import { listSettings, resolveSettings, type GlobalOptions, type Settings } from '../settings.ts';
import { plainLine } from '../text/plain-text.ts';
import type { LockWait } from '../warehouse/connection.ts';
import type { EngineOptions } from '../warehouse/clickhouse/open.ts';
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
  /** Opens the database, even if reports run on another engine. */
  openDatabase(options?: OpenDataOptions): Promise<void>;
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
    .option(
      '--db <path>',
      'DuckDB file, or Parquet folder of `export --parquet` (env WATTDUCK_DB; default ./wattduck.duckdb)',
    )
    .option(
      '--engine <address>',
      'ClickHouse database to run reports on, such as clickhouse://user@host:8123/db (env WATTDUCK_ENGINE; default: the database file)',
    )
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

/** The version of a file without tables is read from memory. */
const schemaVersionTable = 'schema_version';

/** What a command works with that may need no database. */
export interface DefinitionContext extends Pick<CommandContext, 'io' | 'settings' | 'catalog'> {
  /** Opens DuckDB for these reports alone, runs the work, closes. */
  query<T>(reports: readonly Report[], work: (context: CommandContext) => Promise<T>): Promise<T>;
}

/**
 * Opens the catalog, and DuckDB only if the catalog needs it: for the user's own files, and where nothing is built.
 * @param usesEngine whether the work reads the engine of the settings, or always the database file
 * @throws WattduckError (engine_not_supported)
 */
export async function withDefinitions<T>(
  io: Io,
  options: GlobalOptions,
  work: (context: DefinitionContext) => Promise<T>,
  usesEngine = true,
): Promise<T> {
  if (options.engine !== undefined && !usesEngine) throw engineError('this command');
  setVerbosity(io, options);
  const settings = resolveSettings(options, io.env, io.cwd);
  if (!usesEngine) settings.engine = { value: undefined, origin: 'default' };
  traceSettings(io, settings);
  const { Catalog } = await import('../catalog/catalog.ts');
  // Another engine needs every table and macro.
  const isBuiltIn = settings.sqlDir.value.length === 0 && settings.engine.value === undefined;
  const catalog = isBuiltIn ? Catalog.openBuilt() : undefined;
  if (!catalog) return openContext(io, settings, (context) => work({ ...context, query: (_, run) => run(context) }));
  return work({
    io,
    settings,
    catalog,
    query: (reports, run) =>
      withDatabase(io, settings, run, async (duckdb) => {
        const { sqlOf } = await import('../reports/run-report.ts');
        await catalog.prepare(duckdb, [schemaVersionTable, ...reports.flatMap(sqlOf)]);
        return catalog;
      }),
  });
}

/**
 * Opens DuckDB and the catalog, runs the work, closes.
 * @param supportsEngine whether the work accepts another engine than the database file
 * @throws WattduckError (engine_not_supported)
 */
export async function withContext<T>(
  io: Io,
  options: GlobalOptions,
  work: (context: CommandContext) => Promise<T>,
  supportsEngine = false,
): Promise<T> {
  if (options.engine !== undefined && !supportsEngine) throw engineError('this command');
  setVerbosity(io, options);
  const settings = resolveSettings(options, io.env, io.cwd);
  traceSettings(io, settings);
  return openContext(io, settings, work);
}

/** The error of a command that needs the database file. */
export const engineError = (subject: string): WattduckError =>
  new WattduckError('engine_not_supported', {
    subject,
    advice: 'Omit --engine to use the database file; reports, issues, pages and serve run on ClickHouse.',
  });

async function openContext<T>(io: Io, settings: Settings, work: (context: CommandContext) => Promise<T>): Promise<T> {
  const loading = import('../catalog/catalog.ts');
  return withDatabase(io, settings, work, async (duckdb) =>
    (await loading).Catalog.open(duckdb, settings.sqlDir.value),
  );
}

/** The database, and the settings that are not the default. */
function traceSettings(io: Io, settings: Settings): void {
  for (const { name, value, origin } of listSettings(settings))
    if (name === 'db' || origin !== 'default') trace(io, `setting ${name}: ${value} (${origin})`);
}

/** Seconds of a query of a command, unless a setting limits it. */
const defaultSeconds = 600;

/** How to open the engine of the settings. */
export function engineOptions(io: Io, { engine, timeout, redact }: Settings): EngineOptions {
  return {
    address: engine.value!,
    parameter: engine.origin,
    env: io.env,
    seconds: timeout.origin === 'default' ? defaultSeconds : timeout.value,
    redact: redact.value,
  };
}

/** Ctrl-C interrupts the query; a second one ends the process. */
async function withDatabase<T>(
  io: Io,
  settings: Settings,
  work: (context: CommandContext) => Promise<T>,
  openCatalog: (duckdb: DuckDb) => Promise<Catalog>,
): Promise<T> {
  const started = performance.now();
  const { DuckDb } = await import('../warehouse/duckdb.ts');
  const duckdb = await DuckDb.open(settings.memoryLimit.value);
  const stop = new AbortController();
  const interrupt = (): void => {
    stop.abort();
    // The listener runs once, so a second Ctrl-C ends the process, with status 130.
    duckdb.interrupt();
  };
  process.once('SIGINT', interrupt);
  try {
    const catalog = await openCatalog(duckdb);
    trace(io, `started DuckDB and the catalog: ${elapsed(started)}`);
    const lockWait = {
      seconds: settings.wait.value,
      notify: (line: string) => io.stderr.write(`${plainLine(line)}\n`),
      signal: stop.signal,
    };
    const openDatabase = async (readOptions: OpenDataOptions = {}): Promise<void> => {
      const { openForReading } = await import('../warehouse/database.ts');
      await openForReading(duckdb, settings.db.value, catalog, {
        ...readOptions,
        lockWait,
        redact: settings.redact.value,
      });
    };
    const openData = async (readOptions: OpenDataOptions = {}): Promise<void> => {
      if (settings.engine.value !== undefined) {
        const { openEngine } = await import('../warehouse/clickhouse/open.ts');
        return openEngine(duckdb, catalog, engineOptions(io, settings), readOptions.workDir);
      }
      await openDatabase(readOptions);
    };
    return await work({ io, settings, duckdb, catalog, lockWait, openData, openDatabase });
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
