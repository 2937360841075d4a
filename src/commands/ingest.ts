import { Command, Option } from 'commander';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { IngestOptions } from '../ingest/ingest-file.ts';
import type { IngestOutcome } from '../ingest/result.ts';
import type { Io } from '../io.ts';
import type { GlobalOptions } from '../settings.ts';
import { pluralize } from '../text/format-number.ts';
import { clipped, plainLine } from '../text/plain-text.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { addCommonOptions, withContext, type CommandContext } from './context.ts';
import { fileSummary, printNotes, runSummary } from './ingest-summary.ts';
import { startSpinner } from './spinner.ts';

/** How files are to be read, as commander gives it. */
export interface ReadFlags extends GlobalOptions {
  source?: string;
  mapping?: string;
  encoding?: string;
  dateOrder?: 'dmy' | 'mdy';
  decimalMark?: ',' | '.';
}

interface IngestFlags extends ReadFlags {
  dryRun?: boolean;
  strict?: boolean;
  maxErrors?: string;
  replace?: boolean;
  force?: boolean;
  json?: boolean;
}

/** Options that say how values are written, where a file or its mapping does not. */
export const addReadOptions = (command: Command): Command =>
  command
    .option('--mapping <name>', 'the format the files have, or a SQL file that maps it; told from the header otherwise')
    .addOption(
      new Option('--date-order <order>', 'order of day and month in dates like 01/02/2024').choices(['dmy', 'mdy']),
    )
    .addOption(
      new Option('--decimal-mark <mark>', 'what stands before the decimals, where commas are in numbers').choices([
        ',',
        '.',
      ]),
    );

export const ingestCommand = (io: Io): Command =>
  addReadOptions(addCommonOptions(new Command('ingest')))
    .argument('<files...>', 'files, folders or patterns; plain, gzipped or zstd; - for standard input')
    .option('--source <name>', 'what the rows are; told from the header otherwise')
    .option('--encoding <name>', 'where it is not UTF-8: latin-1, windows-1252 …')
    .option('--dry-run', 'show what would be taken in, and how; write nothing')
    .option('--strict', 'refuse a file with any bad row: nothing of it is kept, exit 3')
    .option('--max-errors <n>', 'refuse a file with more bad rows than this')
    .option('--replace', 'the files take the place of all rows of their source')
    .option('--force', 'take files in again that are in already, unchanged')
    .option('--json', 'print each account as a line of JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  wattduck ingest sessions.csv\n  wattduck ingest exports/ --tz Europe/Berlin\n  zcat export.ndjson.gz | wattduck ingest - --db network.duckdb',
    )
    .action((files: string[], options: IngestFlags) =>
      withContext(io, options, async (context) => {
        const { expandPaths } = await import('../ingest/expand-paths.ts');
        const { files: paths, skipped } = await expandPaths(files);
        if (skipped > 0) io.stderr.write(`${pluralize(skipped, 'other file')} passed over\n`);
        if (options.dryRun)
          return (await import('./dry-run.ts')).dryRun(
            context,
            paths,
            await readOptions(context, options),
            options.json ?? false,
          );
        return ingestAll(context, paths, options);
      }),
    );

async function ingestAll(context: CommandContext, files: readonly string[], options: IngestFlags): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait } = context;
  const [{ ingestFile }, { openForWriting }] = await Promise.all([
    import('../ingest/ingest-file.ts'),
    import('../warehouse/database.ts'),
  ]);
  const ingestOptions = await readOptions(context, options);
  const db = settings.db.value;
  await openForWriting(duckdb, db, catalog, lockWait);
  const failures: WattduckError[] = [];
  const ingested: IngestOutcome[] = [];
  for (const file of files) {
    const progress = await showProgress(io, duckdb, file);
    try {
      const results = await ingestFile(duckdb, catalog, db, file, ingestOptions);
      progress.stop();
      ingested.push(...results);
      for (const result of results) {
        io.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${fileSummary(result)}\n`);
        if (!('alreadyIn' in result)) printNotes(io, result);
      }
    } catch (error) {
      progress.stop();
      if (!(error instanceof WattduckError) || duckdb.abortSignal.aborted || files.length === 1) throw error;
      io.stderr.write(`error: ${plainLine(error.fullMessage)}\n`);
      failures.push(error);
    }
  }
  if (files.length > 1) io.stderr.write(`${runSummary(files.length, ingested, failures.length)}\n`);
  const worstError = failures.toSorted((a, b) => b.exit - a.exit)[0];
  if (worstError)
    throw new WattduckError(worstError.kind, clipped`${failures.length} of ${files.length} files were not taken in`);
}

/** What the options say, checked. */
export async function readOptions(
  { io, duckdb, settings }: CommandContext,
  options: IngestFlags,
): Promise<IngestOptions> {
  const { validateTimeZone } = await import('../warehouse/time-zone.ts');
  const defaultTimeZone = await validateTimeZone(duckdb, settings.tz.value, settings.tz.origin);
  if (options.maxErrors !== undefined && !/^\d+$/.test(options.maxErrors)) {
    throw new WattduckError(
      'usage',
      clipped`--max-errors: "${options.maxErrors}" is no whole number`,
      'Write it like 10.',
    );
  }
  const maxErrors = options.strict ? 0 : options.maxErrors === undefined ? undefined : Number(options.maxErrors);
  const { source, mapping, encoding, dateOrder, decimalMark, tz, force } = options;
  const optionValues = {
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
    ...(Object.fromEntries(
      Object.entries(optionValues).filter(([, value]) => value !== undefined),
    ) as Partial<IngestOptions>),
  };
}

/** DuckDB's own progress, on a terminal. */
async function showProgress(io: Io, duckdb: DuckDb, file: string): Promise<{ stop(): void }> {
  if (io.stderr.isTTY) {
    await duckdb.run('set enable_progress_bar = true');
    await duckdb.run('set enable_progress_bar_print = false');
  }
  const spinner = await startSpinner(io, file);
  if (!io.stderr.isTTY) return spinner;
  const timer = setInterval(() => {
    void duckdb.progress().then((percent) => spinner.update(percent > 0 ? `${file} ${percent.toFixed(0)} %` : file));
  }, 200);
  return {
    stop: () => {
      clearInterval(timer);
      spinner.stop();
    },
  };
}
