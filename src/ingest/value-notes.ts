import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { badRowCondition, sequenceCount } from './bad-rows.ts';
import { noteSequence, typedRows } from './casts.ts';
import { readableRows } from './layout.ts';
import { columnOrigins, keyText, type RowIssue } from './row-issues.ts';
import { mappedFields, textColumn, textRows, type ReadPlan } from './text-rows.ts';

/** What was noted while reading the values of a file. */
export interface ValueNotes {
  /** Values imported with a warning. */
  issues: RowIssue[];
  /** Number of times that mean none, such as an end in 1970, by field. */
  nullTimes: Record<string, number>;
  /** Columns that no row has a usable value for, and that keep their stored values. */
  ignoredColumns: string[];
}

/** Counts the notes of the imported rows. Reads the file again, but only if reading it counted any; see `noteSequence`. */
export async function valueNotes(duckdb: DuckDb, plan: ReadPlan): Promise<ValueNotes> {
  const result: ValueNotes = { issues: [], nullTimes: {}, ignoredColumns: [] };
  if ((await sequenceCount(duckdb, noteSequence)) === 0) return result;
  const { source, layout, hideValues } = plan;
  const { select, checks, notes } = typedRows(plan, textRows(plan, readableRows(layout, mappedFields(plan))));
  const key = keyText(source);
  const figures = notes.flatMap(({ when, column }, at) => [
    `count(*) filter (${when}) as n${at}`,
    `min(${key}) filter (${when}) as first${at}`,
    `arg_min(${textColumn(column)}, ${key}) filter (${when}) as value${at}`,
    `count(${identifier(column)}) as given${at}`,
  ]);
  const row = await duckdb.row(`select ${figures.join(', ')} from (${select}) where not ${badRowCondition(checks)}`);
  const origins = new Map(columnOrigins(plan).map(({ column, from }) => [column, from[0]]));
  for (const [at, { column, reason, reasonIfIgnored }] of notes.entries()) {
    const rows = Number(row[`n${at}`]);
    if (rows === 0) continue;
    if (reason === null) {
      result.nullTimes[origins.get(column) ?? column] = rows;
      continue;
    }
    const isIgnored = reasonIfIgnored !== undefined && Number(row[`given${at}`]) === 0;
    if (isIgnored) result.ignoredColumns.push(column);
    const value = row[`value${at}`];
    result.issues.push({
      column,
      reason: isIgnored ? reasonIfIgnored : reason,
      rows,
      value: hideValues || typeof value !== 'string' ? null : value,
      first: String(row[`first${at}`]),
    });
  }
  return result;
}
