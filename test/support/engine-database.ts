import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearSource } from '../../src/ingest/ingest-log.ts';
import type { IngestOptions } from '../../src/ingest/ingest-file.ts';
import type { IngestResult } from '../../src/ingest/result.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { createColumnViews, tablesInFile } from '../../src/warehouse/tables.ts';
import { scratch } from './cli.ts';
import { openEngine } from './duckdb.ts';
import { ingestSource } from './ingest.ts';

/** An empty database with helpers to import text and read the result. */
export async function engineDatabase() {
  const { duckdb, catalog } = await openEngine();
  const folder = scratch();
  await openForWriting(duckdb, join(folder, 'sources.duckdb'), catalog);
  let files = 0;
  /** Writes a file into the folder and returns its path. */
  const write = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const ingestFile = (path: string, options: Partial<IngestOptions> = {}): Promise<IngestResult> =>
    ingestSource(duckdb, catalog, 'sources.duckdb', path, options);
  return {
    duckdb,
    catalog,
    folder,
    write,
    file: ingestFile,
    /** Imports a content as a file. */
    content: (name: string, content: string | Buffer, options: Partial<IngestOptions> = {}): Promise<IngestResult> =>
      ingestFile(write(name, content), options),
    empty: (source: string): Promise<void> => clearSource(duckdb, source),
    /** Imports lines as a file; the source is detected from the header or keys. */
    lines: (...lines: readonly string[]): Promise<IngestResult> =>
      ingestFile(write(`file-${(files += 1)}.txt`, `${lines.join('\n')}\n`)),
    /** Rows of a select as arrays of texts. */
    rows: async (sql: string): Promise<(string | null)[][]> => {
      await createColumnViews(duckdb, await tablesInFile(duckdb));
      return (await duckdb.rows(sql)).map((row) =>
        Object.values(row).map((value) => (value === null ? null : String(value))),
      );
    },
  };
}

export const counts = ({ source, read, added, updated, unchanged, quarantined }: IngestResult) => ({
  source,
  read,
  added,
  updated,
  unchanged,
  quarantined,
});

/** Line, column and reason of each rejected row. */
export const rejectionReasons = ({ rejected }: IngestResult): string[] =>
  rejected.map(({ first, column, reason }) => `${first}: ${column} ${reason}`);
