import { Readable } from 'node:stream';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { ingestFile, type IngestOptions } from '../../src/ingest/ingest-file.ts';
import type { IngestResult } from '../../src/ingest/result.ts';
import type { DuckDb } from '../../src/warehouse/duckdb.ts';

/** Imports a file into one source, even if it was imported before, and returns the result. */
export async function ingestSource(
  duckdb: DuckDb,
  catalog: Catalog,
  db: string,
  path: string,
  options: Partial<IngestOptions> = {},
): Promise<IngestResult> {
  const [result] = await ingestFile(duckdb, catalog, db, path, {
    stdin: Readable.from([]),
    defaultTimeZone: 'UTC',
    force: true,
    ...options,
  });
  if (result === undefined || 'alreadyIn' in result) throw new Error(`${path} was not imported`);
  return result;
}
