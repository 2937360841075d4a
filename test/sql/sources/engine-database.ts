import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearSource } from '../../../src/ingest/ingest-log.ts';
import type { IngestResult } from '../../../src/ingest/result.ts';
import { openForWriting } from '../../../src/warehouse/database.ts';
import { createColumnViews, tablesInFile } from '../../../src/warehouse/tables.ts';
import { scratch } from '../../support/cli.ts';
import { openEngine } from '../../support/duckdb.ts';
import { ingestSource } from '../../support/ingest.ts';

/** An empty database with helpers to import text and read the result. */
export async function engineDatabase() {
  const { duckdb, catalog } = await openEngine();
  const folder = scratch();
  await openForWriting(duckdb, join(folder, 'sources.duckdb'), catalog);
  let files = 0;
  const ingestFile = (path: string): Promise<IngestResult> => ingestSource(duckdb, catalog, 'sources.duckdb', path);
  return {
    duckdb,
    catalog,
    file: ingestFile,
    empty: (source: string): Promise<void> => clearSource(duckdb, source),
    /** Imports lines as a file; the source is detected from the header or keys. */
    lines: (...lines: readonly string[]): Promise<IngestResult> => {
      const path = join(folder, `file-${(files += 1)}.txt`);
      writeFileSync(path, `${lines.join('\n')}\n`);
      return ingestFile(path);
    },
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
