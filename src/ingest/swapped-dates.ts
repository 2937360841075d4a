import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { keyText, type RowIssue } from './row-issues.ts';
import type { ReadPlan } from './text-rows.ts';

/** Min number of dates on each side before the spread of dates means anything. */
const minRows = 5;

/**
 * Times whose day and month may be swapped, as in files that are day first in some rows and month first in others. Days above 12
 * cannot be months, so these dates show the period of the file. Days up to 12 that lie outside it, and inside once swapped, are reported.
 * @param table the imported or staged rows
 */
export async function swappedDateIssues(
  duckdb: DuckDb,
  { source, hideValues, rowByRow }: ReadPlan,
  columnNames: readonly string[],
  table: string,
): Promise<RowIssue[]> {
  // Rows that are sent one by one are not a file with one way to write dates.
  if (rowByRow) return [];
  const issues: RowIssue[] = [];
  const key = keyText(source);
  for (const { name, type, required } of source.columns) {
    if (!required || type !== 'TIMESTAMP' || !columnNames.includes(name)) continue;
    const column = identifier(name);
    const bounds = await duckdb.row(
      `select count(*) as certain, (min(t) - interval 13 day)::varchar as first_day, (max(t) + interval 13 day)::varchar as last_day,
         min(t)::date::varchar as from_day, max(t)::date::varchar as to_day,
         (select min(${column}) < min(t) - interval 13 day or max(${column}) > max(t) + interval 13 day from ${table}) as spread
       from (select ${column} as t from ${table} where day(${column}) > 12)`,
    );
    if (Number(bounds['certain']) < minRows || bounds['spread'] !== true) continue;
    const isOutside = (date: string): string =>
      `${date} not between timestamp '${String(bounds['first_day'])}' and timestamp '${String(bounds['last_day'])}'`;
    const figures = await duckdb.row(
      `select count(*) as early, count(*) filter (${isOutside('t')}) as outside, count(*) filter (${isOutside('t')} and not (${isOutside('swapped')})) as swappable,
         min(t)::date::varchar as from_day, max(t)::date::varchar as to_day, min(key) filter (${isOutside('t')}) as first, arg_min(t, key) filter (${isOutside('t')})::varchar as value
       from (select ${column} as t, ${key} as key, make_date(year(${column})::bigint, day(${column})::bigint, month(${column})::bigint)::timestamp as swapped
             from ${table} where day(${column}) <= 12)`,
    );
    const [early, outside, swappable] = [figures['early'], figures['outside'], figures['swappable']].map(Number);
    if (outside! < minRows || outside! < early! / 5 || swappable! < outside! * 0.9) continue;
    const period = (row: Record<string, unknown>): string => `${String(row['from_day'])} to ${String(row['to_day'])}`;
    issues.push({
      column: name,
      reason: `may have day and month swapped: days above 12 are from ${period(bounds)}, days up to 12 from ${period(figures)}`,
      rows: outside!,
      value: hideValues ? null : String(figures['value']),
      first: String(figures['first']),
    });
  }
  return issues;
}
