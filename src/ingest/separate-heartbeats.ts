import { eventsTable } from '../warehouse/event-rows.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import {
  addHeartbeats,
  heartbeatDays,
  heartbeatId,
  heartbeatTimes,
  isPlainHeartbeat,
  removeHeartbeats,
  type HeartbeatCounts,
} from '../warehouse/heartbeats.ts';
import { databaseTable, tableRows } from '../warehouse/tables.ts';

const table = databaseTable(eventsTable);
const heartbeatIdPattern = String.raw`^(.*)\|heartbeat\|(\d{4}-\d\d-\d\d) [^|]*$`;
const hasHeartbeatId = "event_id like '%|heartbeat|%'";

/**
 * Moves the plain heartbeats of `staged` to the stored days. An event is stored once: in a day, or as a row if a version of it
 * has more values.
 * @param columnNames columns of `staged`, whose keys are distinct
 */
export async function separateHeartbeats(duckdb: DuckDb, columnNames: readonly string[]): Promise<HeartbeatCounts> {
  const isPlain = isPlainHeartbeat(columnNames);
  await restoreRows(duckdb, isPlain);
  await duckdb.run(
    `create or replace temp table new_heartbeats as
     select rowid as staged_row, station_id, event_type, event_time from staged
     where ${isPlain} and event_id not in (
       select event_id from ${await tableRows(duckdb, eventsTable)}
       where lower(event_type) = 'heartbeat' and stored_id is null or stored_id like '%|heartbeat|%')`,
  );
  const counts = await addHeartbeats(duckdb);
  await duckdb.run('delete from staged where rowid in (select staged_row from new_heartbeats)');
  await duckdb.run('drop table new_heartbeats');
  return counts;
}

/** Makes rows of the stored heartbeats that staged events with other values have the IDs of. */
async function restoreRows(duckdb: DuckDb, isPlain: string): Promise<void> {
  const versions = `from staged where ${hasHeartbeatId} and not coalesce(${isPlain}, false)`;
  if (!(await duckdb.hasRows(versions))) return;
  await duckdb.run(
    `create or replace temp table restored_heartbeats as
     select ${heartbeatId} as event_id, station_id, event_type, event_time
     from (${heartbeatTimes(`${databaseTable(heartbeatDays)} where (station_id, day) in (
       select regexp_extract(event_id, '${heartbeatIdPattern}', 1), try_cast(regexp_extract(event_id, '${heartbeatIdPattern}', 2) as date) ${versions})`)})
     where ${heartbeatId} in (select event_id ${versions})`,
  );
  await removeHeartbeats(duckdb, 'select station_id, event_time from restored_heartbeats');
  await duckdb.run(
    `insert into ${table} (event_id, station_id, event_type, event_time, last_updated)
     select event_id, station_id, event_type, event_time, event_time from restored_heartbeats`,
  );
  await duckdb.run('drop table restored_heartbeats');
}
