import type { DateOrder } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { clipped } from '../text/plain-text.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import { ambiguousDate } from './casts.ts';
import { readableRows } from './layout.ts';
import { mappedFields, textColumn, textRows, type ReadPlan } from './text-rows.ts';

/** Whether rows were quarantined for dates that may be day first or month first. */
export const hasAmbiguousDates = (duckdb: DuckDb): Promise<boolean> =>
  duckdb.hasRows(`from bad_rows where reason = ${literal(ambiguousDate)}`);

/**
 * The order of day and month that a file's own dates tell: a number above 12 is no month.
 * @throws WattduckError where they don't tell, or tell both.
 */
export async function inferDateOrder(duckdb: DuckDb, plan: ReadPlan, fileName: string): Promise<DateOrder> {
  const { layout, source } = plan;
  const columns = source.columns
    .filter(({ type }) => ['TIMESTAMP', 'DATE'].includes(type))
    .map(({ name }) => textColumn(name));
  const { dmy, mdy, any } = await duckdb.row(
    `select min(t) filter (a between 13 and 31 and b <= 12) as dmy, min(t) filter (b between 13 and 31 and a <= 12) as mdy, min(t) as any from (
       select t, regexp_extract(t, '^([0-9]+)', 1)::int as a, regexp_extract(t, '^[0-9]+[./-]([0-9]+)', 1)::int as b
       from (select unnest([${columns.join(', ')}]) as t from (${textRows(plan, readableRows(layout, mappedFields(plan)))})) where is_day_or_month_first(t))`,
  );
  if (dmy !== null && mdy === null) return 'dmy';
  if (mdy !== null && dmy === null) return 'mdy';
  const hint = 'Say which with --date-order dmy or --date-order mdy; dates that can not be read so go to quarantine.';
  if (dmy !== null)
    throw new WattduckError(
      'failed',
      clipped`${fileName}: some dates are day first ("${String(dmy)}"), some month first ("${String(mdy)}")`,
      hint,
    );
  throw new WattduckError(
    'failed',
    clipped`${fileName}: a date like "${String(any)}" ${ambiguousDate}, and no date in the file tells which`,
    hint,
  );
}
