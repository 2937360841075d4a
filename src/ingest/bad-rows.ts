import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import { noteSequence } from './casts.ts';
import type { RowCheck } from './row-check.ts';
import { textColumn } from './text-rows.ts';

/** Reason of a line that is not text. */
export const notUtf8Reason = 'not valid UTF-8';

/** Every temporary table of an ingest. A failed ingest may have left some behind. */
const scratchTables = [
  'staged',
  'bad_rows',
  'rejects',
  'reject_scans',
  'line_rejects',
  'line_reject_scans',
  'found_rows',
  'keyed_rows',
  'bad_lines',
];

/** Drops the temporary tables and creates an empty `bad_rows`: line, invalid column, its value, reason, original text. */
export async function resetScratchTables(duckdb: DuckDb): Promise<void> {
  const dropStatements = scratchTables.map((table) => `drop table if exists temp.${table};`);
  await duckdb.run(
    `${dropStatements.join(' ')} create or replace temp sequence ${noteSequence}; create temp table bad_rows (line bigint, column_name varchar, value varchar, reason varchar, raw varchar)`,
  );
}

/** SQL condition that is true for rows that fail any check. */
export const badRowCondition = (checks: readonly RowCheck[]): string =>
  `(${checks
    .filter(({ refinesOther }) => !refinesOther)
    .map(({ when }) => `(${when})`)
    .join(' or ')}) is true`;

/** SQL expression for the first failed check of a row, as a struct of column_name, value and reason. */
export function firstFailure(checks: readonly RowCheck[]): string {
  const cases = checks.map(
    ({ when, column, reason }) =>
      `when ${when} then {'column_name': ${literal(column)}, 'value': ${textColumn(column)}, 'reason': ${literal(reason)}}`,
  );
  return `case ${cases.join('\n')} end`;
}

/** Reader options that store lines that are not text in the table `line_rejects`. */
export const lineRejectOptions =
  ", store_rejects = true, rejects_table = 'line_rejects', rejects_scan = 'line_reject_scans'";

/** Renumbers the lines of `table` as an editor does: the reader did not count the lines it rejected. */
export const countRejectedLines = (duckdb: DuckDb, table: string): Promise<void> =>
  duckdb.run(
    `update ${table} set line = line + (
       select count(*) from (select line - row_number() over (order by line) + 1 as before from (select distinct line from line_rejects))
       where before <= ${table}.line)`,
  );

/** The number in column `n` of a one-row query. */
export const countOf = async (duckdb: DuckDb, sql: string): Promise<number> => Number((await duckdb.row(sql))['n']);

/** How often a temporary sequence was used. */
export const sequenceCount = (duckdb: DuckDb, sequence: string): Promise<number> =>
  countOf(duckdb, `select coalesce(last_value, 0) as n from duckdb_sequences() where sequence_name = '${sequence}'`);
