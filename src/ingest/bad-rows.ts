import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import type { RowCheck } from './casts.ts';
import { textColumn } from './text-rows.ts';

/** Every temporary table of an ingest; a failed one may have left some behind. */
const scratchTables = [
  'staged',
  'bad_rows',
  'rejects',
  'reject_scans',
  'line_rejects',
  'line_reject_scans',
  'found',
  'keyed',
  'bad_lines',
];

/** Begins afresh, with an empty `bad_rows`: line, column at fault, its value, the reason, the row as it was. */
export async function resetScratchTables(duckdb: DuckDb): Promise<void> {
  const dropStatements = scratchTables.map((table) => `drop table if exists temp.${table};`);
  await duckdb.run(
    `${dropStatements.join(' ')} create temp table bad_rows (line bigint, column_name varchar, value varchar, reason varchar, raw varchar)`,
  );
}

export const badRowCondition = (checks: readonly RowCheck[]): string =>
  `(${checks
    .filter(({ refinesOther }) => !refinesOther)
    .map(({ when }) => `(${when})`)
    .join(' or ')}) is true`;

/** The first fault of a row as (column_name, value, reason). */
export function firstFailure(checks: readonly RowCheck[]): string {
  const cases = checks.map(
    ({ when, column, reason }) =>
      `when ${when} then {'column_name': ${literal(column)}, 'value': ${textColumn(column)}, 'reason': ${literal(reason)}}`,
  );
  return `case ${cases.join('\n')} end`;
}

/** Keeps the lines that are no text at all, in a table of their own. */
export const lineRejectOptions =
  ", store_rejects = true, rejects_table = 'line_rejects', rejects_scan = 'line_reject_scans'";

/** Lines of `table` as an editor numbers them: those that are no text were left out when they were counted. */
export const countRejectedLines = (duckdb: DuckDb, table: string): Promise<void> =>
  duckdb.run(
    `update ${table} set line = line + (
       select count(*) from (select line - row_number() over (order by line) + 1 as before from (select distinct line from line_rejects))
       where before <= ${table}.line)`,
  );

export const countOf = async (duckdb: DuckDb, sql: string): Promise<number> => Number((await duckdb.row(sql))['n']);
