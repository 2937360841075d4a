import type { DuckDb } from './duckdb.ts';
import { eventsTable } from './event-rows.ts';

export const heartbeatDays = 'heartbeat_days';
const days = `db.main.${heartbeatDays}`;

/**
 * ID of a heartbeat without an ID of its own: the default of the source for rows that have nothing but charge point, type and time.
 */
export const heartbeatId = "concat_ws('|', station_id, lower(event_type), event_time)";

/** Condition for events that are stored in days: heartbeats to the millisecond that have no other values. @param columns those of the rows */
export function isPlainHeartbeat(columns: readonly string[]): string {
  const required = ['event_id', 'station_id', 'event_type', 'event_time', 'last_updated'];
  const others = columns.filter((name) => !required.includes(name) && name !== 'arrival_order');
  return [
    "lower(event_type) = 'heartbeat'",
    ...others.map((name) => `${name} is null`),
    ...(columns.includes('last_updated') ? ['last_updated = event_time'] : []),
    'epoch_us(event_time) % 1000 = 0',
    `event_id = ${heartbeatId}`,
  ].join(' and ');
}

/**
 * Select of the heartbeats of days as rows: station_id, event_type, event_time.
 * @param from days, with their columns
 */
export const heartbeatTimes = (from = days): string =>
  `select station_id, event_type, make_timestamp(first_us + ((i - 1) * step + deviation) * unit_ms * 1000) as event_time
   from (select station_id, event_type, epoch_us(first_at) as first_us, step::bigint as step, unit_ms,
           unnest(deviations) as deviation, generate_subscripts(deviations, 1) as i from ${from})`;

/**
 * Select of all heartbeats in days as events.
 * @param columns name and type of the columns of the source
 * @param times select of station_id, event_type and event_time
 * @param id SQL of the ID of a heartbeat
 */
export function heartbeatEvents(
  columns: readonly { name: string; type: string }[],
  times = heartbeatTimes(),
  id = heartbeatId,
): string {
  const values: Record<string, string> = {
    event_id: id,
    station_id: 'station_id',
    event_type: 'event_type',
    event_time: 'event_time',
    last_updated: 'event_time',
  };
  const list = columns.map(({ name, type }) => `${values[name] ?? `null::${type}`} as ${name}`);
  return `select ${list.join(', ')} from (${times}) as heartbeats`;
}

/** Select of the days that heartbeats make up. @param from rows with station_id, event_type, event_time, each once */
const daysOf = (from: string): string =>
  `select station_id, event_type, day, make_timestamp(times[1] * 1000) as first_at, make_timestamp(times[-1] * 1000) as last_at,
     len(times) as heartbeat_count,
     coalesce(list_max(list_transform(list_zip(times[2:], times[:-2]), lambda pair: pair[1] - pair[2])), 0) as longest_gap_ms,
     unit_ms, step, list_transform(times, lambda ms, i: ((ms - first_ms) // unit_ms - (i - 1) * step)::integer) as deviations
   from (select *, times[1] as first_ms, round((times[-1] - times[1]) / greatest(len(times) - 1, 1) / unit_ms)::integer as step
         from (select station_id, event_type, event_time::date as day, list_sort(list(epoch_ms(event_time))) as times,
                 case when bool_and(epoch_ms(event_time) % 1000 = 0) then 1000 else 1 end::integer as unit_ms
               from (${from}) group by station_id, event_type, event_time::date))
   order by day, station_id, event_type`;

/** Replaces the stored days of charge points by new ones. @param touched select of station_id and day @param rows select of all their heartbeats */
async function rewriteDays(duckdb: DuckDb, touched: string, rows: string): Promise<void> {
  await duckdb.run(`create or replace temp table rewritten_days as ${daysOf(rows)}`);
  await duckdb.run(`delete from ${days} where (station_id, day) in (${touched})`);
  await duckdb.run(`insert into ${days} from rewritten_days`);
  await duckdb.run('drop table rewritten_days');
}

/** Effect of heartbeats on the stored days. */
export interface HeartbeatCounts {
  added: number;
  /** Heartbeats whose event type is now written in another way. */
  updated: number;
  unchanged: number;
}

/**
 * Adds the plain heartbeats of the temporary table `new_heartbeats` (station_id, event_type, event_time; each charge point and
 * time once) to the days.
 */
export async function addHeartbeats(duckdb: DuckDb): Promise<HeartbeatCounts> {
  const total = await duckdb.countRows('from new_heartbeats');
  if (total === 0) return { added: 0, updated: 0, unchanged: 0 };
  if (!(await duckdb.hasRows(`from ${days}`))) {
    await duckdb.run(`insert into ${days} ${daysOf('from new_heartbeats')}`);
    return { added: total, updated: 0, unchanged: 0 };
  }
  await duckdb.run(
    `create or replace temp table touched_days as select distinct station_id, event_time::date as day from new_heartbeats`,
  );
  await duckdb.run(
    `create or replace temp table stored_heartbeats as
     ${heartbeatTimes(`${days} where (station_id, day) in (from touched_days)`)}`,
  );
  await duckdb.run(
    `create or replace temp table changed_heartbeats as
     select n.station_id, n.event_type, n.event_time, o.event_time is null as is_added
     from new_heartbeats n left join stored_heartbeats o on n.station_id = o.station_id and n.event_time = o.event_time
     where o.event_time is null or o.event_type <> n.event_type`,
  );
  const { added, updated } = await duckdb.row(
    'select count(*) filter (is_added) as added, count(*) filter (not is_added) as updated from changed_heartbeats',
  );
  if (Number(added) + Number(updated) > 0) {
    const changedDays = 'select station_id, event_time::date as day from changed_heartbeats';
    await rewriteDays(
      duckdb,
      changedDays,
      `select station_id, event_type, event_time from changed_heartbeats
       union all
       select station_id, event_type, event_time from stored_heartbeats
       where (station_id, event_time::date) in (${changedDays})
         and (station_id, event_time) not in (select station_id, event_time from changed_heartbeats)`,
    );
  }
  for (const table of ['touched_days', 'stored_heartbeats', 'changed_heartbeats'])
    await duckdb.run(`drop table ${table}`);
  return { added: Number(added), updated: Number(updated), unchanged: total - Number(added) - Number(updated) };
}

/**
 * Removes heartbeats from the days.
 * @param rows select of station_id and event_time
 * @returns the number of removed heartbeats
 */
export async function removeHeartbeats(duckdb: DuckDb, rows: string): Promise<number> {
  await duckdb.run(
    `create or replace temp table removed_heartbeats as select distinct station_id, event_time from (${rows})`,
  );
  const removed = await duckdb.countRows('from removed_heartbeats');
  if (removed > 0) {
    const touched = 'select station_id, event_time::date as day from removed_heartbeats';
    await rewriteDays(
      duckdb,
      touched,
      `select station_id, event_type, event_time from (${heartbeatTimes(`${days} where (station_id, day) in (${touched})`)})
       where (station_id, event_time) not in (select station_id, event_time from removed_heartbeats)`,
    );
  }
  await duckdb.run('drop table removed_heartbeats');
  return removed;
}

/** Moves the plain heartbeats of the table of events to the days. */
export async function compactHeartbeats(duckdb: DuckDb): Promise<void> {
  const columns = (await duckdb.tableColumns(eventsTable, 'db')).map(({ name }) => name);
  if (columns.length === 0) return;
  const plain = `from db.main.${eventsTable} where ${isPlainHeartbeat(columns)}`;
  await duckdb.run(`create or replace temp table new_heartbeats as select station_id, event_type, event_time ${plain}`);
  await addHeartbeats(duckdb);
  if (await duckdb.hasRows('from new_heartbeats')) await duckdb.run(`delete ${plain}`);
  await duckdb.run('drop table new_heartbeats');
}
