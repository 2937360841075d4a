import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { badRowCondition } from './bad-rows.ts';
import { typedRows } from './casts.ts';
import { csvReader } from './layout.ts';
import { locateBadRows } from './locate-bad-rows.ts';
import { rowColumn, textRows, writtenColumns, type ReadPlan } from './text-rows.ts';

/** Stages a CSV file; reads it again only if a row is bad. Returns its rows, and whether DuckDB misreads its quotes. */
export async function stageCsv(duckdb: DuckDb, plan: ReadPlan): Promise<{ read: number; brokenQuotes: boolean }> {
  const { select, checks } = typedRows(plan, textRows(plan, csvReader(plan.layout)));
  const columns = writtenColumns(plan).map(identifier).join(', ');
  await duckdb.run(
    `create temp table staged as select ${columns}, ${badRowCondition(checks)} as ${rowColumn.isBad} from (${select})`,
  );
  const read = (await duckdb.countRows('from staged')) + (await duckdb.countRows('select distinct line from rejects'));
  if (read === (await duckdb.countRows(`from staged where not ${rowColumn.isBad}`)))
    return { read, brokenQuotes: false };
  const brokenQuotes = await locateBadRows(duckdb, plan);
  await duckdb.run(`delete from staged where ${rowColumn.isBad}`);
  return { read, brokenQuotes };
}
