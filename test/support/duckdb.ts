import { afterAll } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';

/** A database with the whole catalog open, closed after the test file. */
export async function openEngine(folders: readonly string[] = []): Promise<{ duckdb: DuckDb; catalog: Catalog }> {
  const duckdb = await DuckDb.open();
  afterAll(() => duckdb.close());
  return { duckdb, catalog: await Catalog.open(duckdb, folders) };
}
