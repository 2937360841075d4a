import { VARCHAR } from '@duckdb/node-api';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { resetScratchTables } from './bad-rows.ts';
import { brokenQuoteReason } from './locate-bad-rows.ts';
import type { BrokenLine } from './repair-csv.ts';
import { removeSkippedRows, type SkippedRows } from './skipped-rows.ts';
import { stageCsv } from './stage-csv.ts';
import { stageJson } from './stage-json.ts';
import { suppliedColumns, writtenColumns, type ReadPlan } from './text-rows.ts';

/** Row counts of a staged file: good rows are in `staged`, bad ones in `bad_rows`. */
export interface StageResult extends SkippedRows {
  read: number;
  good: number;
  bad: number;
  /** Columns of `staged`: those the file supplies, and the key. */
  columnNames: string[];
  /** True if the file says how new each row is. */
  hasVersion: boolean;
  /** True if DuckDB misreads the quotes of a CSV file. */
  brokenQuotes: boolean;
}

/**
 * Reads the good rows of a file into the temporary table `staged`, in file order, and the bad ones into `bad_rows`.
 * @param broken lines known to be broken, which are blank in the file
 * @param isClean false if an NDJSON file is known to have broken lines
 * @param lines number of lines of the file, if already counted
 * @throws Error if good and bad rows do not add up to the rows read
 */
export async function stageRows(
  duckdb: DuckDb,
  plan: ReadPlan,
  broken: readonly BrokenLine[] = [],
  isClean = true,
  lines?: number,
): Promise<StageResult> {
  await resetScratchTables(duckdb);
  const { read, brokenQuotes } =
    plan.layout.format === 'csv'
      ? await stageCsv(duckdb, plan)
      : { read: await stageJson(duckdb, plan, isClean, lines), brokenQuotes: false };
  await addBrokenLines(duckdb, broken);
  const good = await duckdb.countRows('from staged');
  const notGood = await duckdb.countRows('from bad_rows');
  if (good + notGood !== read + broken.length)
    throw new Error(`${read + broken.length} rows read, but ${good} good and ${notGood} bad ones found`);
  const skippedRows = await removeSkippedRows(duckdb, plan);
  return {
    read: read + broken.length,
    good,
    bad: notGood - skippedRows.skipped,
    ...skippedRows,
    columnNames: writtenColumns(plan),
    hasVersion: suppliedColumns(plan).includes(plan.source.version),
    brokenQuotes,
  };
}

async function addBrokenLines(duckdb: DuckDb, broken: readonly BrokenLine[]): Promise<void> {
  if (broken.length === 0) return;
  await duckdb.run(
    `insert into bad_rows (line, reason, raw)
     select line, '${brokenQuoteReason}', raw from (select unnest(from_json($broken, '[{"line": "BIGINT", "raw": "VARCHAR"}]'), recursive := true))`,
    { values: { broken: JSON.stringify(broken) }, types: { broken: VARCHAR } },
  );
}
