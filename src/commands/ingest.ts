import { Command, Option } from 'commander';
import { WattduckError } from '../errors.ts';
import type { IngestOptions } from '../ingest/ingest-file.ts';
import type { Ingested } from '../ingest/result.ts';
import type { Io } from '../io.ts';
import type { GlobalOptions } from '../settings.ts';
import { pluralize } from '../text/format-number.ts';
import { clipped, plainLine } from '../text/plain-text.ts';
import type { DuckDb } from '../warehouse/engine.ts';
import { summary, tell, total } from './ingest-talk.ts';
import { commonOptions, withSession, type Session } from './session.ts';
import { spinning } from './spinner.ts';

/** How files are to be read, as commander gives it. */
export interface ReadingOptions extends GlobalOptions {
  source?: string;
  mapping?: string;
  encoding?: string;
  dateOrder?: 'dmy' | 'mdy';
  decimalMark?: ',' | '.';
}

interface Options extends ReadingOptions {
  dryRun?: boolean;
  strict?: boolean;
  maxErrors?: string;
  replace?: boolean;
  force?: boolean;
  json?: boolean;
}

/** Options that say how values are written, where a file or its mapping does not. */
export const readingOptions = (command: Command): Command =>
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
  readingOptions(commonOptions(new Command('ingest')))
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
    .action((files: string[], options: Options) =>
      withSession(io, options, async (session) => {
        const { filesMeant } = await import('../ingest/files.ts');
        const { files: meant, passedOver } = await filesMeant(files);
        if (passedOver > 0) io.stderr.write(`${pluralize(passedOver, 'other file')} passed over\n`);
        if (options.dryRun)
          return (await import('./dry-run.ts')).dryRun(
            session,
            meant,
            await howToRead(session, options),
            options.json ?? false,
          );
        return ingestAll(session, meant, options);
      }),
    );

async function ingestAll(session: Session, files: readonly string[], options: Options): Promise<void> {
  const { io, engine, catalog, settings, patience } = session;
  const [{ ingestFile }, { openForWriting }] = await Promise.all([
    import('../ingest/ingest-file.ts'),
    import('../warehouse/database.ts'),
  ]);
  const how = await howToRead(session, options);
  const db = settings.db.value;
  await openForWriting(engine, db, catalog, patience);
  const failures: WattduckError[] = [];
  const ingested: Ingested[] = [];
  for (const file of files) {
    const progress = await watch(io, engine, file);
    try {
      const accounts = await ingestFile(engine, catalog, db, file, how);
      progress.stop();
      ingested.push(...accounts);
      for (const account of accounts) {
        io.stdout.write(options.json ? `${JSON.stringify(account)}\n` : `${summary(account)}\n`);
        if (!('alreadyIn' in account)) tell(io, account);
      }
    } catch (error) {
      progress.stop();
      if (!(error instanceof WattduckError) || engine.abortSignal.aborted || files.length === 1) throw error;
      io.stderr.write(`error: ${plainLine(error.fullMessage)}\n`);
      failures.push(error);
    }
  }
  if (files.length > 1) io.stderr.write(`${total(files.length, ingested, failures.length)}\n`);
  const worst = failures.toSorted((a, b) => b.exit - a.exit)[0];
  if (worst)
    throw new WattduckError(worst.kind, clipped`${failures.length} of ${files.length} files were not taken in`);
}

/** What the options say, checked. */
export async function howToRead({ io, engine, settings }: Session, options: Options): Promise<IngestOptions> {
  const { validateTimeZone: knownZone } = await import('../warehouse/zone.ts');
  const usualZone = await knownZone(engine, settings.tz.value, settings.tz.origin);
  if (options.maxErrors !== undefined && !/^\d+$/.test(options.maxErrors)) {
    throw new WattduckError(
      'usage',
      clipped`--max-errors: "${options.maxErrors}" is no whole number`,
      'Write it like 10.',
    );
  }
  const maxErrors = options.strict ? 0 : options.maxErrors === undefined ? undefined : Number(options.maxErrors);
  const { source, mapping, encoding, dateOrder, decimalMark, tz, force } = options;
  const told = {
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
    usualZone,
    ...(Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as Partial<IngestOptions>),
  };
}

/** DuckDB's own progress, on a terminal. */
async function watch(io: Io, engine: DuckDb, file: string): Promise<{ stop(): void }> {
  if (io.stderr.isTTY) {
    await engine.run('set enable_progress_bar = true');
    await engine.run('set enable_progress_bar_print = false');
  }
  const spinner = await spinning(io, file);
  if (!io.stderr.isTTY) return spinner;
  const timer = setInterval(() => {
    void engine.progress().then((percent) => spinner.say(percent > 0 ? `${file} ${percent.toFixed(0)} %` : file));
  }, 200);
  return {
    stop: () => {
      clearInterval(timer);
      spinner.stop();
    },
  };
}
