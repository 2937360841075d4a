import { Command } from 'commander';
import { WattduckError } from '../errors.ts';
import type { Ingested } from '../ingest/ingest-file.ts';
import type { Io } from '../io.ts';
import type { GlobalOptions } from '../settings.ts';
import type { Engine } from '../warehouse/engine.ts';
import { commonOptions, withSession } from './session.ts';

interface IngestOptions extends GlobalOptions {
  source?: string;
  json?: boolean;
}

export const ingestCommand = (io: Io): Command =>
  commonOptions(new Command('ingest'))
    .argument('<files...>', 'files, plain or gzipped; - for standard input')
    .option('--source <name>', 'what the rows are; told from the header otherwise')
    .option('--json', 'print each account as a line of JSON')
    .addHelpText('after', '\nExamples:\n  wattduck ingest sessions.csv\n  zcat export.ndjson.gz | wattduck ingest - --db network.duckdb')
    .action((files: string[], options: IngestOptions) =>
      withSession(io, options, async ({ engine, catalog, settings }) => {
        const [{ ingestFile }, { openForWriting }] = await Promise.all([import('../ingest/ingest-file.ts'), import('../warehouse/database.ts')]);
        const db = settings.db.value;
        await openForWriting(engine, db, catalog);
        const failures: WattduckError[] = [];
        for (const file of files) {
          const progress = await watch(io, engine, file);
          try {
            const account = await ingestFile(engine, catalog, db, file, { stdin: io.stdin, ...(options.source ? { source: options.source } : {}) });
            progress.stop();
            tell(io, account, options.json ?? false);
          } catch (error) {
            progress.stop();
            if (!(error instanceof WattduckError) || error.kind === 'interrupted' || files.length === 1) throw error;
            io.stderr.write(`error: ${error.line}\n`);
            failures.push(error);
          }
        }
        const worst = failures.toSorted((a, b) => b.exit - a.exit)[0];
        if (worst) throw new WattduckError(worst.kind, `${failures.length} of ${files.length} files were not taken in`);
      }),
    );

const n = (value: number): string => value.toLocaleString('en-US');

/** The account of a file: what was read, and where every row went. */
export function summary(account: Ingested): string {
  const { file, source, read, added, updated, unchanged, quarantined, seconds } = account;
  return `${file}: ${n(read)} rows read = ${n(added)} new + ${n(updated)} updated + ${n(unchanged)} unchanged + ${n(quarantined)} quarantined (${source}, ${seconds.toFixed(1)} s)`;
}

function tell(io: Io, account: Ingested, json: boolean): void {
  io.stdout.write(json ? `${JSON.stringify(account)}\n` : `${summary(account)}\n`);
  if (account.ignored.length > 0) io.stderr.write(`${account.file}: not wanted by ${account.source}, left out: ${account.ignored.join(', ')}\n`);
  const { example } = account;
  if (!example) return;
  if (account.quarantined === account.read) io.stderr.write(`${account.file}: no row could be taken in; are these ${account.source}?\n`);
  const value = example.value === null ? '' : ` "${example.value.slice(0, 60)}"`;
  const where = example.column === null ? 'the row' : `${example.column}${value}`;
  io.stderr.write(`${account.file}:${example.line ?? '?'}: ${where} ${example.reason}; wattduck quarantine list tells of all ${n(account.quarantined)}\n`);
}

/** A spinner with DuckDB's own progress on a terminal; nothing into a pipe. */
async function watch(io: Io, engine: Engine, file: string): Promise<{ stop(): void }> {
  if (!io.stderr.isTTY) return { stop: () => undefined };
  const { default: ora } = await import('ora');
  await engine.run('set enable_progress_bar = true');
  await engine.run('set enable_progress_bar_print = false');
  const spinner = ora({ text: file, stream: process.stderr }).start();
  const timer = setInterval(() => {
    const { percentage } = engine.connection.progress;
    spinner.text = percentage > 0 ? `${file} ${percentage.toFixed(0)} %` : file;
  }, 200);
  return {
    stop: () => {
      clearInterval(timer);
      spinner.stop();
    },
  };
}
