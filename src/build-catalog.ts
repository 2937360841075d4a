import { isCurrent, serialize } from './catalog/built-catalog.ts';
import { Catalog } from './catalog/catalog.ts';
import { builtInFiles } from './catalog/sql-files.ts';
import { DuckDb } from './warehouse/duckdb.ts';

/**
 * Checks every built-in SQL file and returns the content of dist/catalog.json.
 * @param previous content written by an earlier build, returned if it is still current
 */
export async function buildCatalog(previous?: string): Promise<string> {
  const files = builtInFiles();
  if (previous !== undefined && isCurrent(previous, files)) return previous;
  const duckdb = await DuckDb.open();
  try {
    const catalog = await Catalog.open(duckdb);
    return serialize(files, await catalog.checkedDefinitions());
  } finally {
    await duckdb.close();
  }
}
