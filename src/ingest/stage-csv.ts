import { identifier, type DuckDb } from '../warehouse/engine.ts';
import { isBad } from './bad-rows.ts';
import { typedRows } from './casts.ts';
import { csvReader } from './layout.ts';
import { locate } from './locate.ts';
import { filledColumns, row, textRows, type Reading } from './rows.ts';

/** Stages a CSV file and answers how many rows it has, and whether its quotes mislead DuckDB; only when one is bad is it read again. */
export async function stageCsv(engine: DuckDb, reading: Reading): Promise<{ read: number; brokenQuotes: boolean }> {
  const { select, faults } = typedRows(reading, textRows(reading, csvReader(reading.layout)));
  const columns = filledColumns(reading).map(identifier).join(', ');
  await engine.run(`create temp table staged as select ${columns}, ${isBad(faults)} as ${row.isBad} from (${select})`);
  const read = (await engine.countRows('from staged')) + (await engine.countRows('select distinct line from rejects'));
  if (read === (await engine.countRows(`from staged where not ${row.isBad}`))) return { read, brokenQuotes: false };
  const brokenQuotes = await locate(engine, reading);
  await engine.run(`delete from staged where ${row.isBad}`);
  return { read, brokenQuotes };
}
