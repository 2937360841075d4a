import type { Source } from '../catalog/definitions.ts';
import { identifier, literal, type DuckDb } from './duckdb.ts';
import { heartbeatDays } from './heartbeats.ts';
import { databaseTable } from './tables.ts';

/** Rows that DuckDB stores together, with the lowest and highest value of each column: it skips groups outside a period. */
export const rowGroupSize = 122_880;

/** How the rows of a table are ordered in the file. */
export interface TableOrder {
  /** Columns to sort by; rows that are equal in them keep their order. Empty for a table that keeps the order of its rows. */
  columns: string[];
  /** The column with the time of a row. */
  time?: string;
}

/** Time order of a source: by its first required time, or by its key if it has none besides the version of the row. */
export async function orderOfSource(duckdb: DuckDb, { name, key, version }: Source): Promise<TableOrder> {
  const isTime = (column: { name: string; type: string }): boolean =>
    column.type === 'TIMESTAMP' || (column.type === 'DATE' && key.includes(column.name));
  const time = (await duckdb.declaredColumns(name)).find(
    (column) => column.required && column.name !== version && isTime(column),
  );
  return time === undefined ? { columns: key } : { columns: [time.name], time: time.name };
}

/** Time order of the tables of a file, by name; tables that are not listed keep the order of their rows. */
export async function tableOrders(duckdb: DuckDb, sources: readonly Source[]): Promise<Map<string, TableOrder>> {
  const orders = new Map<string, TableOrder>([
    [heartbeatDays, { columns: ['day', 'station_id', 'event_type'], time: 'day' }],
    ['requests', { columns: ['minute'], time: 'minute' }],
  ]);
  for (const source of sources) orders.set(source.name, await orderOfSource(duckdb, source));
  return orders;
}

/** How well a table is ordered by time, as the row groups in its file show. */
export interface TimeOrder {
  rows: number;
  rowGroups: number;
  /** Share of the rows in the groups that contain times of one month, on average. */
  monthShare: number;
  /** Share of the rows in the groups around one moment, on average: 1 if all groups span the whole time. */
  momentShare: number;
}

/** Max months in the average. */
const maxSamples = 200;

/**
 * Reads the order of a table from the statistics of its row groups, without reading rows.
 * @param table qualified SQL name
 * @returns undefined for a table without rows or statistics
 */
export async function readTimeOrder(duckdb: DuckDb, table: string, time: string): Promise<TimeOrder | undefined> {
  const bound = (which: number): string =>
    `epoch_us(try_cast(regexp_extract(stats, 'Min: ([^,]*), Max: ([^\\]]*)\\]', ${which}) as timestamp))`;
  const { row_groups, rows, month_share, moment_share } = await duckdb.row(
    `with row_groups as (
       select row_group_id as id, sum(count)::double as row_count, min(${bound(1)}) as first_us, max(${bound(2)}) as last_us
       from pragma_storage_info(${literal(table)})
       where column_name = ${literal(time)} and segment_type in ('TIMESTAMP', 'DATE') group by row_group_id),
     known as (from row_groups where first_us is not null and last_us is not null),
     samples as (
       select id, row_count, (first_us + (last_us - first_us) // 2) as middle_us,
         epoch_us(date_trunc('month', make_timestamp(middle_us))) as month_us,
         epoch_us(date_trunc('month', make_timestamp(middle_us)) + interval 1 month) as next_month_us
       from known where id % (1 + (select count(*) from known) // ${maxSamples}) = 0),
     month_rows as (
       select s.id, any_value(s.row_count) as weight, sum(o.row_count) filter (o.last_us >= month_us and o.first_us < next_month_us) as in_month,
         sum(o.row_count) filter (o.last_us >= middle_us and o.first_us <= middle_us) as around_moment
       from samples s cross join known o group by s.id)
     select (select count(*) from known) as row_groups, (select sum(row_count) from known) as rows,
       sum(weight * in_month) / sum(weight) / (select sum(row_count) from known) as month_share,
       sum(weight * around_moment) / sum(weight) / (select sum(row_count) from known) as moment_share
     from month_rows`,
  );
  if (Number(row_groups) === 0 || month_share === null || month_share === undefined) return undefined;
  return {
    rows: Number(rows),
    rowGroups: Number(row_groups),
    monthShare: Number(month_share),
    momentShare: Number(moment_share),
  };
}

/** Average share of the rows of one month once the table is in time order: those of the month and half a group on each side. */
export async function estimateMonthShare(duckdb: DuckDb, table: string, time: string): Promise<number> {
  const { share } = await duckdb.row(
    `with months as (select count(*)::double as n from ${table} group by date_trunc('month', ${identifier(time)}))
     select sum(n / total * least(1, (n + ${rowGroupSize}) / total)) as share from months, (select sum(n) as total from months)`,
  );
  return Number(share ?? 1);
}

/** Whether reports of a period would be much faster after `wattduck optimize`. */
export const isBadlyOrdered = ({ rowGroups, momentShare }: TimeOrder): boolean =>
  rowGroups >= minRowGroups && momentShare > 0.25;

/** Min row groups of a table that is worth a rewrite. */
export const minRowGroups = 8;

/** Advice on each of these tables that is badly ordered. @param orders those of the tables in the file */
export async function rewriteAdvice(duckdb: DuckDb, orders: ReadonlyMap<string, TableOrder>): Promise<string[]> {
  const advice: string[] = [];
  for (const [name, { time }] of orders) {
    const order = time && (await readTimeOrder(duckdb, databaseTable(name), time));
    if (order && isBadlyOrdered(order))
      advice.push(`${name} is not in time order: \`wattduck optimize\` makes reports of a period faster`);
  }
  return advice;
}
