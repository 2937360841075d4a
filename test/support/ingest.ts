import { Readable } from 'node:stream';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { ingestFile, type IngestOptions } from '../../src/ingest/ingest-file.ts';
import type { Account } from '../../src/ingest/result.ts';
import type { DuckDb } from '../../src/warehouse/engine.ts';

/** Takes in a file for one source, whether it is in already or not, and answers its account. */
export async function takeIn(
  engine: DuckDb,
  catalog: Catalog,
  db: string,
  path: string,
  options: Partial<IngestOptions> = {},
): Promise<Account> {
  const [account] = await ingestFile(engine, catalog, db, path, {
    stdin: Readable.from([]),
    usualZone: 'UTC',
    force: true,
    ...options,
  });
  if (account === undefined || 'alreadyIn' in account) throw new Error(`${path} was not taken in`);
  return account;
}
