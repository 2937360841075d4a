/*---
title: Repeated failed sessions
description: Finds failed_in_a_row or more consecutive failed sessions at one connector.
details:
  - The issue starts when the first failed session ends. It is resolved when a session at the connector is completed.
  - "Severity: critical from ten sessions on, high from twice failed_in_a_row, else medium."
params:
  failed_in_a_row: { description: Minimum number of consecutive failed sessions to be an issue, default: 3, min: 2 }
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
---*/
with ended_sessions as (
  select station_id, connector_id, start_time, end_time, stop_reason,
         is_completed(start_time, end_time, energy_kwh, status) as completed
  from filtered_sessions
  where end_time <= $as_of::timestamp
),
-- The last sessions before the bound. Of earlier sessions, only failures after the last completed one matter.
last_sessions as (
  select station_id, connector_id, max(end_time) filter (where completed) as last_completed_at, max(end_time) filter (where not completed) as last_failed_at
  from ended_sessions
  where end_time < scan_start($scan_from::timestamp, $as_of::timestamp)
  group by station_id, connector_id
),
failing_connectors as (
  select station_id, connector_id as connector, coalesce(last_completed_at, timestamp '1970-01-01') as begins_at
  from last_sessions
  where last_failed_at >= coalesce(last_completed_at, timestamp '1970-01-01')
),
read_sessions as (
  select station_id, connector_id, start_time, end_time, stop_reason, completed
  from ended_sessions
  where $scan_from::timestamp is null or end_time >= scan_start($scan_from::timestamp, $as_of::timestamp)
  union all
  select ended_sessions.station_id as station_id, connector_id, start_time, end_time, stop_reason, completed
  from ended_sessions join failing_connectors on ended_sessions.station_id = failing_connectors.station_id and connector_id is not distinct from connector
  where end_time < scan_start($scan_from::timestamp, $as_of::timestamp) and end_time >= begins_at
),
neighbours as (
  select station_id, connector_id, start_time, end_time, stop_reason, completed,
         lag(completed, 1, null) over (partition by station_id, connector_id order by end_time, start_time, completed) as after_completed
  from read_sessions
),
-- A completed session gets the number of the run it ends. One that follows another completed session ends none.
numbered_sessions as (
  select station_id, connector_id, end_time, stop_reason, completed,
         coalesce(sum(case when completed then 1 else 0 end)
           over (partition by station_id, connector_id order by end_time, start_time, completed rows between unbounded preceding and 1 preceding), 0) as run
  from neighbours
  where not completed or not coalesce(after_completed, true)
),
runs as (
  select station_id, connector_id, run,
         count(*) filter (where not completed) as failures,
         min(end_time) filter (where not completed) as first_failed_at,
         max(end_time) filter (where completed) as completed_at,
         max_by(stop_reason, end_time) filter (where not completed) as last_reason
  from numbered_sessions
  group by station_id, connector_id, run
)
select 'faulted' as type,
       case when failures >= 10 then 'critical' when failures >= 2 * $failed_in_a_row::bigint then 'high' else 'medium' end as severity,
       station_id,
       connector_id,
       null::varchar as session_id,
       first_failed_at as created_at,
       completed_at as resolved_at,
       failures || ' sessions in a row failed' || coalesce(' at connector ' || connector_id, '') || coalesce(', the last: ' || last_reason, '') as description
from runs
where failures >= $failed_in_a_row::bigint
  and ($scan_from::timestamp is null or completed_at is null or completed_at >= scan_start($scan_from::timestamp, $as_of::timestamp))
