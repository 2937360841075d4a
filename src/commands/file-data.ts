import type { IngestOutcome } from '../ingest/result.ts';
import { withWorkDir } from '../render/parquet-file.ts';
import { shellWord } from '../text/shell-word.ts';
import { openInMemory, startReading } from '../warehouse/database.ts';

import type { CommandContext } from './context.ts';
import { assertNoFailures, forEachFile } from './each-file.ts';
import { fileSummary, printNotes, runSummary } from './ingest-summary.ts';
import { readOptions } from './ingest.ts';
import { startSpinner } from './spinner.ts';

/**
 * Imports files into memory, and runs work that reads them instead of the database. The account of their rows goes to stderr.
 * @throws WattduckError if a file cannot be imported: an answer from the others would be wrong
 */
export async function withFileData<T>(
  context: CommandContext,
  names: readonly string[],
  debug: boolean,
  work: (context: CommandContext) => Promise<T>,
): Promise<T> {
  const { duckdb, catalog, settings } = context;
  return withWorkDir(async (tempDir) => {
    await openInMemory(duckdb, catalog, tempDir);
    await importFiles(context, names, debug);
    return work({
      ...context,
      openData: (options = {}) => startReading(duckdb, catalog, { ...options, redact: settings.redact.value }),
    });
  });
}

async function importFiles(context: CommandContext, names: readonly string[], debug: boolean): Promise<void> {
  const { io, duckdb, catalog } = context;
  const [{ expandPaths }, { ingestFile }] = await Promise.all([
    import('../ingest/expand-paths.ts'),
    import('../ingest/ingest-file.ts'),
  ]);
  const { files, failures } = await expandPaths(names);
  const options = await readOptions(context, {});
  const imported: IngestOutcome[] = [];
  const run = { io, files, failures, signal: duckdb.abortSignal, debug };
  const allFailures = await forEachFile(run, async (file) => {
    const spinner = await startSpinner(io, file);
    const results = await ingestFile(duckdb, catalog, file, file, options).finally(() => spinner.stop());
    imported.push(...results);
    for (const result of results) {
      io.stderr.write(`${fileSummary(result)}\n`);
      if (!('alreadyIn' in result)) printNotes(io, result, `wattduck ingest ${shellWord(file)} --dry-run`);
    }
  });
  const total = files.length + failures.length;
  if (total > 1) io.stderr.write(`${runSummary(total, imported, allFailures.length)}\n`);
  assertNoFailures(allFailures, total);
}
