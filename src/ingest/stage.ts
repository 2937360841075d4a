import type { Engine } from '../warehouse/engine.ts';
import { clearScratch, countOf } from './bad-rows.ts';
import { filledColumns, type Reading } from './rows.ts';
import { brokenQuote, stageCsv } from './stage-csv.ts';
import { stageJson } from './stage-json.ts';

/** Rows of one file, read and sorted into good (in `staged`) and bad (in `bad_rows`). */
export interface Staged {
  read: number;
  good: number;
  bad: number;
  /** Columns the file speaks of, which `staged` has. */
  filled: string[];
  /** True where DuckDB blames a quote. */
  brokenQuotes: boolean;
}

/**
 * Reads a file into the temporary table `staged`, in file order, and what is wrong with its bad rows into `bad_rows`.
 * @throws Error when rows read and rows accounted for differ: then nothing is kept.
 */
export async function stage(engine: Engine, seen: Reading): Promise<Staged> {
  await clearScratch(engine);
  const { read, reading } = seen.layout.format === 'csv' ? { read: await stageCsv(engine, seen), reading: seen } : await stageJson(engine, seen);
  const good = await countOf(engine, 'select count(*) as n from staged');
  const bad = await countOf(engine, 'select count(*) as n from bad_rows');
  if (good + bad !== read) throw new Error(`${read} rows read, but ${good} good and ${bad} bad ones found`);
  const brokenQuotes = (await countOf(engine, `select count(*) as n from bad_rows where reason = '${brokenQuote}'`)) > 0;
  return { read, good, bad, filled: filledColumns(reading), brokenQuotes };
}
