import { clipValue } from '../text/plain-text.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { readableRows } from './layout.ts';
import {
  mappedFields,
  nullValueCondition,
  nullValuesOf,
  readerColumn,
  referencedColumns,
  trimSql,
  type ReadPlan,
} from './text-rows.ts';

/** What a run tells of rows that hold something hardly meant, or a value that was rejected: how many, and the first. */
export interface RowIssue {
  column: string | null;
  reason: string;
  rows: number;
  value: string | null;
  /** Line of the first; of a row taken in, its key. */
  first: string;
}

/** A stored reason as the predicate of a sentence: `not a valid number` becomes `is not a valid number`. */
export const predicate = (reason: string): string => (reason.startsWith('not ') ? `is ${reason}` : reason);

/** What is said of a value, or of a row as a whole. */
export function describeIssue({ column, value, reason }: RowIssue): string {
  if (column === null) return `the row ${predicate(reason)}`;
  return `${clipValue(column)}${value === null ? '' : ` "${clipValue(value.slice(0, 60))}"`} ${predicate(reason)}`;
}

/** Rows just taken in, or staged, of which the source has warnings. */
export async function warningIssues(
  duckdb: DuckDb,
  { source, hideValues }: ReadPlan,
  columnNames: readonly string[],
  table: string,
): Promise<RowIssue[]> {
  const warnings = source.warnings.filter(({ when, column }) =>
    referencedColumns(`${when} ${column}`, source).every((name) => columnNames.includes(name)),
  );
  if (warnings.length === 0) return [];
  const key = `concat_ws(' ', ${source.key.map(identifier).join(', ')})`;
  const counts = warnings.map(({ when }, at) => `count(*) filter (${when}) as n${at}`).join(', ');
  const countRow = await duckdb.row(`select ${counts} from ${table}`);
  const issues: RowIssue[] = [];
  for (const [at, { when, column, reason }] of warnings.entries()) {
    const rows = Number(countRow[`n${at}`]);
    if (rows === 0) continue;
    const { first, value } = await duckdb.row(
      `select ${key} as first, (${identifier(column)})::varchar as value from ${table} where ${when} order by rowid limit 1`,
    );
    issues.push({
      column,
      reason,
      rows,
      value: value === null || hideValues ? null : String(value),
      first: String(first),
    });
  }
  return issues;
}

/** Why rows are in `bad_rows`, most frequent first. */
export async function rejectionIssues(duckdb: DuckDb, { hideValues }: ReadPlan): Promise<RowIssue[]> {
  const rows = await duckdb.rows(
    `select column_name, reason, count(*) as n, arg_min(value, line) as value, min(line) as line
     from (select * replace (case when column_name is null then null else value end as value) from bad_rows)
     group by column_name, reason order by n desc, line`,
  );
  const text = (value: unknown): string | null => (value === null ? null : String(value));
  return rows.map((row) => ({
    column: text(row['column_name']),
    reason: String(row['reason']),
    rows: Number(row['n']),
    value: hideValues ? null : text(row['value']),
    first: text(row['line']) ?? '?',
  }));
}

/** How often each field of a mapped file held a text that means nothing, and was left empty. */
export async function nullValueCounts(duckdb: DuckDb, plan: ReadPlan): Promise<Record<string, number>> {
  const { layout, mapping } = plan;
  const fields = mappedFields(plan).filter((name) => nullValuesOf(mapping, name).length > 0);
  if (fields.length === 0) return {};
  const counts = fields.map(
    (name, at) =>
      `count(*) filter (${nullValueCondition(trimSql(readerColumn(plan, name)), nullValuesOf(mapping, name))}) as n${at}`,
  );
  const countRow = await duckdb.row(`select ${counts.join(', ')} from ${readableRows(layout, fields)}`);
  return Object.fromEntries(
    fields.map((name, at): [string, number] => [name, Number(countRow[`n${at}`])]).filter(([, n]) => n > 0),
  );
}

/** The columns a file fills, each with the fields it is made of. */
export function columnOrigins({ source, mapping, fieldMap }: ReadPlan): { column: string; from: string[] }[] {
  const from = (column: string): string[] =>
    (mapping ? (mapping.sourceFields[column] ?? []) : [column]).flatMap((name) => fieldMap.get(name) ?? []);
  return source.columns
    .map(({ name }) => ({ column: name, from: from(name) }))
    .filter((each) => each.from.length > 0 || mapping?.targetColumns.includes(each.column));
}
