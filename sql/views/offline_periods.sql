/*---
title: Offline periods
description: Times when charge points were offline, as known at as_of.
details:
  - A charge point goes offline with a disconnect event, or, if it sends heartbeats, when two heartbeat intervals pass without an event.
  - It is offline until any event other than a disconnect arrives.
  - The interval is the one in the latest event that has one, else that of the charge point, else heartbeat_interval_seconds.
  - "With scan_from: only the periods that ended on its day or later, or still last."
  - "Columns: station_id, offline_from, offline_to (empty while offline), began_with (disconnect or silence), is_excluded."
  - "is_excluded comes from the first event of the period that has a value: true if the outage is outside the operator's control."
params:
  heartbeat_interval_seconds: { description: Seconds between heartbeats if neither events nor charge points have an interval, default: 300, min: 1, max: 86400 }
---*/
-- The last sign of life before the bound: nothing before it belongs to a later period.
with near_signs as (
  select station_id,
         max(event_time) filter (where not equals_ci(event_type, 'disconnect')) as heard_at,
         max(event_time) filter (where equals_ci(event_type, 'heartbeat')) as heartbeat_at
  from filtered_events
  where arrival_order is not null
    and event_time >= near_start($scan_from::timestamp, $as_of::timestamp) and event_time < scan_start($scan_from::timestamp, $as_of::timestamp)
  group by station_id
  union all
  select station_id, max(last_at) as heard_at, max(last_at) as heartbeat_at
  from filtered_heartbeat_days
  where day < scan_start($scan_from::timestamp, $as_of::timestamp)::date
  group by station_id
),
-- Most charge points send a heartbeat within two days, so only the others are looked for before.
near_points as (
  select station_id as near_station
  from near_signs
  group by station_id
  having max(heartbeat_at) >= near_start($scan_from::timestamp, $as_of::timestamp)
),
far_points as (
  select station_id as far_station
  from event_extents left join near_points on station_id = near_station
  where near_station is null
  group by station_id
  having min(first_event_at) < near_start($scan_from::timestamp, $as_of::timestamp)
),
signs_of_life as (
  select station_id, heard_at, heartbeat_at
  from near_signs
  union all
  select station_id,
         max(event_time) filter (where not equals_ci(event_type, 'disconnect')) as heard_at,
         max(event_time) filter (where equals_ci(event_type, 'heartbeat')) as heartbeat_at
  from filtered_events join far_points on station_id = far_station
  where arrival_order is not null
    and event_time < near_start($scan_from::timestamp, $as_of::timestamp)
  group by station_id
),
begins as (
  select station_id, coalesce(max(heard_at), timestamp '1970-01-01') as begins_at, max(heartbeat_at) as last_heartbeat_at
  from signs_of_life
  group by station_id
),
early_begins as (
  select station_id, begins_at
  from begins
  where begins_at < near_start($scan_from::timestamp, $as_of::timestamp)
),
steady_days as (
  select station_id as steady_station, day as steady_day, first_at, last_at
  from heartbeat_day_runs
  where is_steady
),
events as (
  -- Events between the heartbeats of a steady day change nothing, unless they carry an interval.
  select station_id, event_time as event_at, event_type as kind, excluded as exclusion, nullif(heartbeat_interval_seconds, 0) as event_interval, null::timestamp as covered_until
  from filtered_events left join steady_days on station_id = steady_station and event_time::date = steady_day
  where arrival_order is not null
    and ($scan_from::timestamp is null or event_time >= near_start($scan_from::timestamp, $as_of::timestamp))
    and (coalesce(heartbeat_interval_seconds, 0) > 0 or not coalesce(event_time >= first_at and event_time < last_at, false))
  union all
  select filtered_events.station_id as station_id, event_time as event_at, event_type as kind, excluded as exclusion, nullif(heartbeat_interval_seconds, 0) as event_interval, null::timestamp as covered_until
  from filtered_events join early_begins on filtered_events.station_id = early_begins.station_id
  where arrival_order is not null
    and event_time >= begins_at and event_time < near_start($scan_from::timestamp, $as_of::timestamp)
  union all
  -- The last heartbeat and the last interval from before these events.
  select station_id, last_heartbeat_at as event_at, 'heartbeat' as kind, null::boolean as exclusion, null::double as event_interval, null::timestamp as covered_until
  from begins
  where last_heartbeat_at < begins_at and last_heartbeat_at < near_start($scan_from::timestamp, $as_of::timestamp)
  union all
  select filtered_events.station_id as station_id, max(event_time) as event_at, 'interval' as kind, null::boolean as exclusion,
         max_by(heartbeat_interval_seconds, event_position(event_time, event_type)) as event_interval, null::timestamp as covered_until
  from filtered_events join begins on filtered_events.station_id = begins.station_id
  where heartbeat_interval_seconds > 0 and event_time < begins_at and event_time < near_start($scan_from::timestamp, $as_of::timestamp)
  group by filtered_events.station_id
  union all
  select station_id, run_start as event_at, 'heartbeat' as kind, null::boolean as exclusion, null::double as event_interval, case when run_end > run_start then run_end end as covered_until
  from heartbeat_runs
  union all
  select station_id, run_end as event_at, 'heartbeat' as kind, null::boolean as exclusion, null::double as event_interval, null::timestamp as covered_until
  from heartbeat_runs
  where run_end > run_start
),
positions as (
  select station_id, event_at, exclusion, event_interval, covered_until, event_position(event_at, kind) as position
  from events
),
neighbours as (
  select station_id, event_at, exclusion, event_interval, covered_until, position,
         lead(position, 1, null) over (partition by station_id order by position) as next_position
  from positions
),
-- Few events carry an interval, so only gaps longer than the shortest one are examined.
shortest_intervals as (
  select station_id, min(heartbeat_interval_seconds) as shortest_interval
  from filtered_events
  where heartbeat_interval_seconds > 0
  group by station_id
),
-- Events that may matter: windows over all of them would take many times longer.
candidates as (
  select neighbours.station_id, event_at, exclusion, event_interval, covered_until, position, next_position,
         coalesce(nullif(charge_points.heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double) as default_interval
  from neighbours
    left join charge_points on neighbours.station_id = charge_points.station_id
    left join shortest_intervals on neighbours.station_id = shortest_intervals.station_id
  where is_disconnect_position(position)
     or event_interval is not null
     or covered_until is not null
     -- The last heartbeat before another event.
     or (is_heartbeat_position(position) and not is_heartbeat_position(next_position))
     or coalesce(micros_of_position(next_position), epoch_micros($as_of::timestamp)) - epoch_micros(event_at)
        > 2000000 * least_non_null(coalesce(nullif(charge_points.heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double), shortest_interval)
),
timeouts as (
  select station_id, event_at, exclusion, position, next_position,
         -- Within a run of heartbeats, no gap matters.
         coalesce(last_value(covered_until ignore nulls) over (partition by station_id order by position rows between unbounded preceding and current row) > event_at, false) as is_covered,
         last_value(case when is_heartbeat_position(position) then event_at end ignore nulls)
           over (partition by station_id order by position rows between unbounded preceding and current row) as last_heartbeat,
         first_value(case when not is_disconnect_position(next_position) then next_position end ignore nulls)
           over (partition by station_id order by position rows between current row and unbounded following) as heard_position,
         2 * coalesce(last_value(event_interval ignore nulls) over (partition by station_id order by position rows between unbounded preceding and current row), default_interval) as timeout
  from candidates
),
losses as (
  select station_id, instant_of_micros(micros_of_position(heard_position)) as next_heard, exclusion, is_disconnect_position(position) as is_disconnect,
         case when is_disconnect_position(position) then event_at else seconds_after(event_at, timeout) end as lost_at
  from timeouts
  where is_disconnect_position(position)
     or (not is_covered and coalesce(instant_of_micros(micros_of_position(next_position)), $as_of::timestamp) > seconds_after(event_at, timeout)
         and last_heartbeat >= seconds_after(event_at, -timeout))
)
select station_id,
       min(lost_at) as offline_from,
       next_heard as offline_to,
       case when min_by(is_disconnect, lost_at) then 'disconnect' else 'silence' end as began_with,
       coalesce(min_by(exclusion, lost_at), false) as is_excluded
from losses
where $scan_from::timestamp is null or next_heard is null or next_heard >= scan_start($scan_from::timestamp, $as_of::timestamp)
group by station_id, next_heard
