import type { Source } from '../catalog/definitions.ts';
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

/** Rows rejected, or imported with a warning, for one reason: their number, and the first as an example. */
export interface RowIssue {
  column: string | null;
  reason: string;
  rows: number;
  value: string | null;
  /** Line of the first rejected row, or key of the first imported one. */
  first: string;
}

/** A stored reason as the predicate of a sentence: `not a valid number` becomes `is not a valid number`. */
export const predicate = (reason: string): string => (reason.startsWith('not ') ? `is ${reason}` : reason);

/** Column, value and reason of an issue in a few words, such as `energy_kwh "-1" is negative`. */
export function describeIssue({ column, value, reason }: RowIssue): string {
  if (column === null) return `the row ${predicate(reason)}`;
  return `${clipValue(column)}${value === null ? '' : ` "${clipValue(value.slice(0, 60))}"`} ${predicate(reason)}`;
}

/** SQL for the key of a typed row as one text. */
export const keyText = ({ key }: Source, row = ''): string =>
  `concat_ws(' ', ${key.map((name) => `${row}${identifier(name)}`).join(', ')})`;

/** Implausible values in `table`, by the warnings of the source. */
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
  const key = keyText(source);
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

/** Reasons of the rows in `bad_rows`, most frequent first. */
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

/** Number of null markers by field of a mapped file. */
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

/** The columns a file supplies, each with the fields it comes from. */
export function columnOrigins({ source, mapping, fieldMap }: ReadPlan): { column: string; from: string[] }[] {
  const from = (column: string): string[] =>
    (mapping ? (mapping.sourceFields[column] ?? []) : [column]).flatMap((name) => fieldMap.get(name) ?? []);
  return source.columns
    .map(({ name }) => ({ column: name, from: from(name) }))
    .filter((each) => each.from.length > 0 || mapping?.targetColumns.includes(each.column));
}
