import type { DateOrder, DecimalMark, SourceColumn } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import type { Row } from '../warehouse/values.ts';
import { ambiguousDate, ambiguousNumber, isNumericColumn } from './casts.ts';
import { readableRows } from './layout.ts';
import { mappedFields, textColumn, textRows, typedFields, type ReadPlan, type ValueFormats } from './text-rows.ts';

/** Formats that rejected rows need and the plan does not set: the order of day and month, and the decimal mark. */
async function missingFormats(
  duckdb: DuckDb,
  { forms, rowByRow, keepDecimalMark }: ReadPlan,
): Promise<{ dateOrder: boolean; decimalMark: boolean }> {
  const isReason = (reason: string): Promise<boolean> =>
    duckdb.hasRows(`from bad_rows where reason = ${literal(reason)}`);
  if (rowByRow) return { dateOrder: false, decimalMark: false };
  return {
    dateOrder: forms.dateOrder === undefined && (await isReason(ambiguousDate)),
    decimalMark: forms.decimalMark === undefined && !keepDecimalMark && (await isReason(ambiguousNumber)),
  };
}

/** Whether rows were rejected that can be read once their formats are inferred from the whole file. */
export async function needsFormats(duckdb: DuckDb, plan: ReadPlan): Promise<boolean> {
  const { dateOrder, decimalMark } = await missingFormats(duckdb, plan);
  return dateOrder || decimalMark;
}

/**
 * The formats of a file's values, with those that its rejected rows need inferred from all values.
 * @throws WattduckError if the values are ambiguous or contradict each other
 */
export async function inferFormats(duckdb: DuckDb, plan: ReadPlan, fileName: string): Promise<ValueFormats> {
  const { dateOrder, decimalMark } = await missingFormats(duckdb, plan);
  return {
    ...plan.forms,
    ...(dateOrder ? { dateOrder: await inferDateOrder(duckdb, plan, fileName) } : {}),
    ...(decimalMark ? { decimalMark: await inferDecimalMark(duckdb, plan, fileName) } : {}),
  };
}

/** One row of aggregates over each text `t` in some columns of a file, and `extra` expressions over it. */
function aggregateTexts(
  duckdb: DuckDb,
  plan: ReadPlan,
  columns: readonly SourceColumn[],
  extra: (column: SourceColumn) => Record<string, string>,
  aggregates: string,
): Promise<Row> {
  const structs = columns.map((column) => {
    const fields = Object.entries({ t: textColumn(column.name), ...extra(column) });
    return `{${fields.map(([name, sql]) => `'${name}': ${sql}`).join(', ')}}`;
  });
  const names = ['t', ...Object.keys(extra(columns[0]!))];
  return duckdb.row(
    `select ${aggregates} from (select ${names.map((name) => `item['${name}'] as ${name}`).join(', ')} from (select unnest([${structs.join(', ')}]) as item from (${textRows(plan, readableRows(plan.layout, mappedFields(plan)))})))`,
  );
}

/**
 * The order of day and month in a file's dates: a number above 12 cannot be a month. With a two-digit year, '24-03-05' may also begin
 * with the year; then the first number must vary more than the last.
 */
async function inferDateOrder(duckdb: DuckDb, plan: ReadPlan, file: string): Promise<DateOrder> {
  const columns = typedFields(plan.source).filter(({ type }) => ['TIMESTAMP', 'DATE'].includes(type));
  const part = (name: string): string => `try_cast(p['${name}'] as integer)`;
  const dayFirst = `${part('a')} between 13 and 31 and ${part('b')} between 1 and 12`;
  const yearFirst = `strlen(p['y']) = 2 and not contains(t, '.') and ${part('y')} between 1 and 31 and 2000 + ${part('a')} <= year(now()) + 1`;
  const {
    day_first: certainDay,
    month_first: monthFirst,
    either,
    days,
    years,
    example,
  } = await aggregateTexts(
    duckdb,
    plan,
    columns,
    ({ name }) => ({
      p: `case when is_day_or_month_first(${textColumn(name)}) then numeric_date(plain_time(${textColumn(name)})) end`,
    }),
    `min(t) filter (${dayFirst} and not (${yearFirst})) as day_first, min(t) filter (${part('b')} between 13 and 31 and ${part('a')} between 1 and 12) as month_first,
     min(t) filter (${dayFirst} and ${yearFirst}) as either, count(distinct p['a']) filter (strlen(p['y']) = 2) as days,
     count(distinct p['y']) filter (strlen(p['y']) = 2) as years, min(t) filter (p is not null) as example`,
  );
  const dayFirstExample = certainDay ?? (Number(days) > Number(years) ? either : null);
  if (dayFirstExample !== null && monthFirst === null) return 'dmy';
  if (monthFirst !== null && dayFirstExample === null && either === null) return 'mdy';
  if (monthFirst === null && either !== null) throw new WattduckError('two_digit_year_first', { file, date: either });
  throw monthFirst === null
    ? new WattduckError('ambiguous_date', { file, date: example })
    : new WattduckError('mixed_date_orders', { file, dayFirst: dayFirstExample ?? either, monthFirst });
}

/**
 * The decimal mark of a file's numbers: '12,5' shows a decimal comma, '12.5' a decimal point. '1.234' may be either; with a decimal
 * comma elsewhere in the file it would be read in two ways.
 */
async function inferDecimalMark(duckdb: DuckDb, plan: ReadPlan, file: string): Promise<DecimalMark> {
  const computed = plan.mapping?.numberColumns ?? [];
  const columns = typedFields(plan.source).filter(
    (column) => isNumericColumn(column) && !computed.includes(column.name),
  );
  const { comma, point, commas, points, grouped } = await aggregateTexts(
    duckdb,
    plan,
    columns,
    ({ name, unit = '' }) => ({ mark: `shown_mark(${textColumn(name)}, ${literal(unit)})` }),
    `min(t) filter (mark = ',') as comma, min(t) filter (mark = '.') as point, min(t) filter (mark = '?,') as commas, min(t) filter (mark = '?.') as points,
     coalesce(bool_or(mark = ',' and contains(t, '.')), false) as grouped`,
  );
  const otherPoint = point ?? (grouped ? null : points);
  if (comma !== null && otherPoint === null) return ',';
  if (point !== null && comma === null) return '.';
  throw comma === null
    ? new WattduckError('ambiguous_number', { file, number: commas })
    : new WattduckError('mixed_decimal_marks', { file, comma, point: otherPoint });
}
