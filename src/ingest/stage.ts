import { VARCHAR } from '@duckdb/node-api';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { resetScratchTables } from './bad-rows.ts';
import { brokenQuoteReason } from './locate-bad-rows.ts';
import type { BrokenLine } from './repair-csv.ts';
import { stageCsv } from './stage-csv.ts';
import { stageJson } from './stage-json.ts';
import { writtenColumns, type ReadPlan } from './text-rows.ts';

/** Rows of one file, read and sorted into good (in `staged`) and bad (in `bad_rows`). */
export interface StageResult {
  read: number;
  good: number;
  bad: number;
  /** Columns the file speaks of, which `staged` has. */
  columnNames: string[];
  /** True where the quotes of a CSV file mislead DuckDB. */
  brokenQuotes: boolean;
}

/**
 * Reads a file into the temporary table `staged`, in file order, and what is wrong with its bad rows into `bad_rows`.
 * @param broken lines known to be broken, blank in the file
 * @param lines how many lines the file has, where they were counted already
 * @throws Error when rows read and rows accounted for differ: then nothing is kept.
 */
export async function stageRows(
  duckdb: DuckDb,
  plan: ReadPlan,
  broken: readonly BrokenLine[] = [],
  isClean = true,
  lines?: number,
): Promise<StageResult> {
  await resetScratchTables(duckdb);
  const {
    read,
    reading: usedPlan,
    brokenQuotes,
  } = plan.layout.format === 'csv'
    ? { ...(await stageCsv(duckdb, plan)), reading: plan }
    : { ...(await stageJson(duckdb, plan, isClean, lines)), brokenQuotes: false };
  await addBrokenLines(duckdb, broken);
  const good = await duckdb.countRows('from staged');
  const bad = await duckdb.countRows('from bad_rows');
  if (good + bad !== read + broken.length)
    throw new Error(`${read + broken.length} rows read, but ${good} good and ${bad} bad ones found`);
  return { read: read + broken.length, good, bad, columnNames: writtenColumns(usedPlan), brokenQuotes };
}

async function addBrokenLines(duckdb: DuckDb, broken: readonly BrokenLine[]): Promise<void> {
  if (broken.length === 0) return;
  await duckdb.run(
    `insert into bad_rows (line, reason, raw)
     select line, '${brokenQuoteReason}', raw from (select unnest(from_json($broken, '[{"line": "BIGINT", "raw": "VARCHAR"}]'), recursive := true))`,
    { values: { broken: JSON.stringify(broken) }, types: { broken: VARCHAR } },
  );
}
