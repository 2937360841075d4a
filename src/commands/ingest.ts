import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { WattduckError } from '../errors/wattduck-error.ts';
import { ruleFor, type FileRule } from '../ingest/file-rules.ts';
import type { IngestOptions, IngestStage } from '../ingest/ingest-file.ts';
import type { IngestOutcome } from '../ingest/result.ts';
import type { HeaderOptions } from '../ingest/table-header.ts';
import { elapsed, isQuiet, isVerbose, trace, type Io } from '../io.ts';
import type { GlobalOptions } from '../settings.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { plainLine } from '../text/plain-text.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import type { TableOrder } from '../warehouse/time-order.ts';
import { addCommonOptions, withContext, type CommandContext } from './context.ts';
import { assertNoFailures, forEachFile, type FileRun } from './each-file.ts';
import { progressLine, type IngestProgress } from './ingest-progress.ts';
import { fileSummary, printNotes, runSummary } from './ingest-summary.ts';
import { startSpinner } from './spinner.ts';

/** Options of reading files, as commander parses them. */
export interface ReadFlags extends GlobalOptions {
  source?: string;
  mapping?: string;
  encoding?: string;
  dateOrder?: 'dmy' | 'mdy';
  decimalMark?: ',' | '.';
}

export interface IngestFlags extends ReadFlags {
  dryRun?: boolean;
  strict?: boolean;
  maxErrors?: string;
  replace?: boolean;
  force?: boolean;
  allowEmpty?: boolean;
  json?: boolean;
  debug?: boolean;
  delimiter?: string;
  skipLines?: string;
  /** False under --no-header. */
  header?: boolean;
  columns?: string;
}

/** Adds the options that say how files are read. */
export const addReadOptions = (command: Command): Command =>
  command
    .option('--mapping <name>', 'Mapping name or SQL file (default: detect from header)')
    .addOption(
      new Option('--date-order <order>', 'Order of day and month in dates like 01/02/2024').choices(['dmy', 'mdy']),
    )
    .addOption(new Option('--decimal-mark <mark>', 'Decimal separator').choices([',', '.']));

export const ingestCommand = (io: Io): Command =>
  addReadOptions(addCommonOptions(new Command('ingest')))
    .argument('<files...>', 'Files, folders or patterns; plain, gzip or zstd; - for standard input')
    .option('--source <name>', 'Table to import into (default: detect from header)')
    .option('--encoding <name>', 'File encoding, for example latin-1 (default: utf-8)')
    .option(
      '--delimiter <name>',
      'Field separator: comma, semicolon, tab, pipe, space or a character (default: detect)',
    )
    .option('--skip-lines <n>', 'Number of lines above the header (default: detect)')
    .option('--no-header', 'File without a header; needs --columns')
    .option('--columns <names>', 'Field names of a file without a header, separated by commas')
    .option('--dry-run', 'Show what would be imported without importing it')
    .option('--strict', 'Reject the whole file if any row is invalid (exit 3)')
    .option('--max-errors <n>', 'Maximum number of rejected rows before the whole file is rejected')
    .option('--replace', 'Replace all existing rows of the table')
    .option('--force', 'Import files that were already imported')
    .option('--allow-empty', 'Accept folders without files and patterns that match none')
    .option('--json', 'Output one JSON object per file and table')
    .addHelpText(
      'after',
      '\nExamples:\n  wattduck ingest sessions.csv\n  wattduck ingest exports/ --tz Europe/Berlin\n  zcat export.ndjson.gz | wattduck ingest - --db network.duckdb',
    )
    .action((files: string[], options: IngestFlags) =>
      withContext(io, options, async (context) => {
        const { expandPaths } = await import('../ingest/expand-paths.ts');
        const { files: paths, skipped, failures } = await expandPaths(files, options.allowEmpty);
        if (skipped > 0) io.stderr.write(`skipped ${pluralize(skipped, 'file')} of other types\n`);
        if (paths.length + failures.length === 0) {
          io.stderr.write('no files to import\n');
          return;
        }
        const run: FileRun = {
          io,
          files: paths,
          failures,
          signal: context.duckdb.abortSignal,
          debug: options.debug ?? false,
        };
        if (!options.dryRun) return ingestAll(context, run, options);
        const { dryRun } = await import('./dry-run.ts');
        const ingestOptions = await readOptions(context, options);
        const optionsOf = (file: string): IngestOptions => optionsForFile(context, file, options, ingestOptions);
        return dryRun(context, run, optionsOf, options.json ?? false);
      }),
    );

async function ingestAll(context: CommandContext, run: FileRun, options: IngestFlags): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait } = context;
  const { openForWriting } = await import('../warehouse/database.ts');
  // Invalid options must not create a database.
  const ingestOptions = await readOptions(context, options);
  const db = settings.db.value;
  const isNew = !existsSync(db);
  await openForWriting(duckdb, db, catalog, lockWait);
  let isEmpty = true;
  const added = new Map<string, number>();
  const onResult = (result: IngestOutcome): void => {
    isEmpty = false;
    if ('added' in result) added.set(result.source, (added.get(result.source) ?? 0) + result.added);
    if (options.json) io.stdout.write(`${JSON.stringify(result)}\n`);
    else if (!isQuiet(io)) io.stdout.write(`${fileSummary(result)}\n`);
    if (!('alreadyIn' in result)) printNotes(io, result);
  };
  const optionsOf = (file: string): IngestOptions => optionsForFile(context, file, options, ingestOptions);
  await importFiles(context, run, db, optionsOf, onResult).finally(async () => {
    if (isNew && isEmpty) await discardNewDatabase(duckdb, db);
  });
  if (isQuiet(io)) return;
  for (const line of await adviceOn(context, added)) io.stderr.write(`${plainLine(line)}\n`);
}

/** Advice on tables with many new rows in bad order. Imports keep the order of files: sorting would slow them down by a fifth. */
async function adviceOn({ duckdb, catalog }: CommandContext, added: ReadonlyMap<string, number>): Promise<string[]> {
  const { minRowGroups, orderOfSource, rewriteAdvice, rowGroupSize } = await import('../warehouse/time-order.ts');
  const orders = new Map<string, TableOrder>();
  for (const [name, rows] of added)
    if (rows >= minRowGroups * rowGroupSize) orders.set(name, await orderOfSource(duckdb, await catalog.source(name)));
  return rewriteAdvice(duckdb, orders);
}

/**
 * Imports each file into the open database, and sums them up.
 * @throws WattduckError if a file was not imported
 */
export async function importFiles(
  context: CommandContext,
  run: FileRun,
  databasePath: string,
  optionsOf: (file: string) => IngestOptions,
  onResult: (result: IngestOutcome, file: string) => void,
): Promise<void> {
  const { io, duckdb, catalog } = context;
  const { ingestFile } = await import('../ingest/ingest-file.ts');
  const ingested: IngestOutcome[] = [];
  const failures = await forEachFile(run, async (file) => {
    const started = performance.now();
    const at = run.files.indexOf(file) + 1;
    const progress = await showProgress(io, duckdb, { file, at, of: run.files.length });
    const fileOptions = optionsOf(file);
    const results = await ingestFile(duckdb, catalog, databasePath, file, {
      ...fileOptions,
      onStage: progress.onStage,
    }).finally(() => progress.stop());
    ingested.push(...results);
    if (isVerbose(io)) await traceImport(context, results, fileOptions.mapping, started);
    for (const result of results) onResult(result, file);
  });
  const total = run.files.length + run.failures.length;
  if (total > 1) io.stderr.write(`${runSummary(total, ingested, failures.length)}\n`);
  assertNoFailures(failures, total);
}

/** Names the SQL files of an import, and its time. */
async function traceImport(
  { io, catalog }: CommandContext,
  results: readonly IngestOutcome[],
  mapping: string | undefined,
  started: number,
): Promise<void> {
  for (const result of results) {
    const name = 'mapping' in result ? result.mapping : undefined;
    const mappingFile =
      name === undefined ? [] : mapping?.endsWith('.sql') ? mapping : (await catalog.mapping(name)).path;
    const paths = [(await catalog.source(result.source)).path, mappingFile].flat();
    trace(io, `${result.file}: SQL ${paths.join(', ')}: ${elapsed(started)}`);
  }
}

/** Removes the database of a failed first import. */
async function discardNewDatabase(duckdb: DuckDb, db: string): Promise<void> {
  const { discardEmptyDatabase } = await import('../warehouse/discard-database.ts');
  duckdb.clearInterrupt();
  // A file that cannot be removed must not hide the error of the import.
  await discardEmptyDatabase(duckdb, db).catch(() => undefined);
}

/** The options for one file: encoding and mapping of the configuration apply unless set on the command line. */
export function optionsForFile(
  { settings }: Pick<CommandContext, 'settings'>,
  file: string,
  flags: IngestFlags,
  options: IngestOptions,
): IngestOptions {
  const encoding = flags.encoding === undefined ? ruleFor(settings.encoding.value, file) : undefined;
  const mapping =
    flags.mapping === undefined && flags.source === undefined ? ruleFor(settings.mapping.value, file) : undefined;
  return {
    ...options,
    ...(encoding ? { encoding: encoding.value } : {}),
    ...(mapping ? { mapping: mappingPath(mapping) } : {}),
  };
}

/** A mapping is a name, or a file below the folder of the configuration. */
const mappingPath = ({ value, folder }: FileRule): string => (value.endsWith('.sql') ? resolve(folder, value) : value);

/** Validates the options. */
export async function readOptions(
  { io, duckdb, settings }: CommandContext,
  options: IngestFlags,
): Promise<IngestOptions> {
  const { validateTimeZone } = await import('../warehouse/time-zone.ts');
  const defaultTimeZone = await validateTimeZone(duckdb, settings.tz.value, settings.tz.origin);
  if (options.maxErrors !== undefined && !/^\d+$/.test(options.maxErrors)) {
    throw new WattduckError('invalid_max_errors', { value: options.maxErrors });
  }
  const maxErrors = options.strict ? 0 : options.maxErrors === undefined ? undefined : Number(options.maxErrors);
  const { source, mapping, encoding, dateOrder, decimalMark, tz, force } = options;
  const optionValues = {
    ...(await headerOptions(options)),
    source,
    mapping,
    encoding,
    dateOrder,
    decimalMark,
    force,
    maxErrors,
    redact: settings.redact.value,
    zone: tz,
    replaced: options.replace ? new Set<string>() : undefined,
  };
  return {
    stdin: io.stdin,
    defaultTimeZone,
    isZoneAssumed: settings.tz.origin === 'default',
    ...(Object.fromEntries(
      Object.entries(optionValues).filter(([, value]) => value !== undefined),
    ) as Partial<IngestOptions>),
  };
}

/** Max lines above a header. */
const maxSkipLines = 1_000;

/** Options of the header of a CSV file. */
async function headerOptions({ delimiter, skipLines, header, columns }: IngestFlags): Promise<HeaderOptions> {
  if (skipLines !== undefined && !(/^\d{1,4}$/.test(skipLines) && Number(skipLines) <= maxSkipLines))
    throw new WattduckError('invalid_skip_lines', { value: skipLines, max: formatCount(maxSkipLines) });
  if (columns !== undefined && header !== false) throw new WattduckError('columns_without_no_header');
  const { parseDelimiter } = await import('../ingest/table-header.ts');
  return {
    ...(delimiter === undefined ? {} : { delimiter: parseDelimiter(delimiter) }),
    ...(skipLines === undefined ? {} : { skipLines: Number(skipLines) }),
    ...(header === false ? { header } : {}),
    ...(columns === undefined ? {} : { columns: columns.split(',').map((name) => name.trim()) }),
  };
}

/** Milliseconds between two updates of the progress. */
const progressMs = 200;

/** Shows the stage of an import and DuckDB's progress in it, on a terminal. */
async function showProgress(
  io: Io,
  duckdb: DuckDb,
  place: Pick<IngestProgress, 'file' | 'at' | 'of'>,
): Promise<{ onStage(stage: IngestStage): void; stop(): void }> {
  if (!io.stderr.isTTY) return { onStage: () => undefined, stop: () => undefined };
  await duckdb.run('set enable_progress_bar = true');
  await duckdb.run('set enable_progress_bar_print = false');
  let stage: string = 'opening';
  let began = performance.now();
  let last = 0;
  const bytes = place.file === '-' ? undefined : statSync(place.file, { throwIfNoEntry: false })?.size;
  const line = (percent: number): string =>
    progressLine({ ...place, stage, percent, bytes, seconds: (performance.now() - began) / 1000 });
  const spinner = await startSpinner(io, line(-1));
  const timer = setInterval(() => {
    void duckdb.progress().then((percent) => {
      // Each statement counts from 0; one that repeats a stage must not move it back.
      last = Math.max(last, percent);
      spinner.update(line(last));
    });
  }, progressMs);
  return {
    onStage: (next) => {
      [stage, began, last] = [next, performance.now(), 0];
      spinner.update(line(-1));
    },
    stop: () => {
      clearInterval(timer);
      spinner.stop();
    },
  };
}
