import type { IngestOptions } from '../ingest/ingest-file.ts';
import { isQuiet } from '../io.ts';
import { withWorkDir } from '../render/parquet-file.ts';
import { shellWord } from '../text/shell-word.ts';
import { openInMemory, startReading } from '../warehouse/database.ts';
import type { CommandContext } from './context.ts';
import { fileSummary, printNotes } from './ingest-summary.ts';
import { importFiles, optionsForFile, readOptions } from './ingest.ts';

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
  const { io, duckdb, catalog, settings } = context;
  const { expandPaths } = await import('../ingest/expand-paths.ts');
  const { files, failures } = await expandPaths(names);
  return withWorkDir(async (tempDir) => {
    await openInMemory(duckdb, catalog, tempDir);
    const options = await readOptions(context, {});
    const optionsOf = (file: string): IngestOptions => optionsForFile(context, file, {}, options);
    const run = { io, files, failures, signal: duckdb.abortSignal, debug };
    await importFiles(context, run, tempDir, optionsOf, (result, file) => {
      if (!isQuiet(io)) io.stderr.write(`${fileSummary(result)}\n`);
      if (!('alreadyIn' in result)) printNotes(io, result, `wattduck ingest ${shellWord(file)} --dry-run`);
    });
    return work({
      ...context,
      openData: (options = {}) => startReading(duckdb, catalog, { ...options, redact: settings.redact.value }),
    });
  });
}
