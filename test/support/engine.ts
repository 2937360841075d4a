import { afterAll } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { DuckDb } from '../../src/warehouse/engine.ts';

/** An engine with the whole catalog open in it, closed after the test file has run. */
export async function openEngine(folders: readonly string[] = []): Promise<{ engine: DuckDb; catalog: Catalog }> {
  const engine = await DuckDb.open();
  afterAll(() => engine.close());
  return { engine, catalog: await Catalog.open(engine, folders) };
}
