import type { DateOrder } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import { ambiguousDate } from './casts.ts';
import { readableRows } from './layout.ts';
import { mappedFields, textColumn, textRows, type ReadPlan } from './text-rows.ts';

/** Whether rows were rejected because of dates that may be day first or month first. */
export const hasAmbiguousDates = (duckdb: DuckDb): Promise<boolean> =>
  duckdb.hasRows(`from bad_rows where reason = ${literal(ambiguousDate)}`);

/**
 * The order of day and month in a file's dates: a number above 12 cannot be a month.
 * @throws WattduckError if every date is ambiguous, or the dates disagree
 */
export async function inferDateOrder(duckdb: DuckDb, plan: ReadPlan, fileName: string): Promise<DateOrder> {
  const { layout, source } = plan;
  const columns = source.columns
    .filter(({ type }) => ['TIMESTAMP', 'DATE'].includes(type))
    .map(({ name }) => textColumn(name));
  const {
    day_first: dayFirst,
    month_first: monthFirst,
    example,
  } = await duckdb.row(
    `select min(t) filter (a between 13 and 31 and b <= 12) as day_first, min(t) filter (b between 13 and 31 and a <= 12) as month_first, min(t) as example from (
       select t, regexp_extract(t, '^([0-9]+)', 1)::int as a, regexp_extract(t, '^[0-9]+[./-]([0-9]+)', 1)::int as b
       from (select unnest([${columns.join(', ')}]) as t from (${textRows(plan, readableRows(layout, mappedFields(plan)))})) where is_day_or_month_first(t))`,
  );
  if (dayFirst !== null && monthFirst === null) return 'dmy';
  if (monthFirst !== null && dayFirst === null) return 'mdy';
  throw dayFirst === null
    ? new WattduckError('ambiguous_date', { file: fileName, date: example })
    : new WattduckError('mixed_date_orders', { file: fileName, dayFirst, monthFirst });
}
