/*---
title: Runs of heartbeats
description: >-
  Heartbeats up to as_of, of those stored in days, as runs. Within a run, no gap is longer than two heartbeat intervals and no
  disconnect occurs.
details:
  - A run ends with the UTC day.
  - "With scan_from: the runs of the days from two days before it on, and the last heartbeat before them."
  - On a day with the event type written in two ways, each heartbeat is a run.
  - "Columns: station_id, run_start, run_end."
params:
  heartbeat_interval_seconds: { description: Seconds between heartbeats if neither events nor charge points have an interval, default: 300, min: 1, max: 86400 }
---*/
with disconnects as materialized (
  select station_id, event_time as disconnected_at, event_time::date as disconnect_day
  from filtered_events
  where arrival_order is not null and equals_ci(event_type, 'disconnect')
    and ($scan_from::timestamp is null or event_time >= near_start($scan_from::timestamp, $as_of::timestamp))
),
broken_keys as (
  select station_id as broken_station, day as broken_day, max_gap_ms, is_mixed_day
  from heartbeat_day_runs
  where not is_steady
),
-- Joined last, because the lists of heartbeats are long.
other_days as materialized (
  select station_id, day, first_at, last_at, heartbeat_count, longest_gap_ms, unit_ms, step, deviations, max_gap_ms, is_mixed_day, $as_of::timestamp as now_at
  from filtered_heartbeat_days join broken_keys on station_id = broken_station and day = broken_day
  where ($scan_from::timestamp is null or day >= near_start($scan_from::timestamp, $as_of::timestamp)::date)
),
broken_days as materialized (
  select station_id, day, first_at, unit_ms, step, deviations, max_gap_ms, longest_gap_ms,
         case when last_at > $as_of::timestamp then heartbeats_until(first_at, step, deviations, unit_ms, now_at) else heartbeat_count end as known_count
  from other_days
  where not is_mixed_day
),
-- The number, from 0, of the last heartbeat of each run: the last of all, and those before a long gap or a disconnect.
ends as (
  select station_id, day, known_count - 1 as place
  from broken_days
  union all
  select station_id, day, unnest(long_gap_places(step, deviations, unit_ms, max_gap_ms)) as place
  from broken_days
  where longest_gap_ms > max_gap_ms
  union all
  -- At the same moment, the disconnect comes later. Without the group, filters on the place would search each list twice.
  select broken_days.station_id as station_id, day, max(heartbeats_until(first_at, step, deviations, unit_ms, disconnected_at)) - 1 as place
  from broken_days join disconnects on broken_days.station_id = disconnects.station_id and day = disconnect_day
  group by broken_days.station_id, day, disconnected_at
),
known_ends as (
  select ends.station_id as station_id, ends.day as day, place
  from ends join broken_days on ends.station_id = broken_days.station_id and ends.day = broken_days.day
  where place >= 0 and place < known_count
  group by ends.station_id, ends.day, place
),
parts as (
  select station_id, day, place as end_place, coalesce(lag(place, 1, null) over (partition by station_id, day order by place) + 1, 0) as start_place
  from known_ends
)
select station_id, first_at as run_start, last_at as run_end
from heartbeat_day_runs
where is_steady
union all
select parts.station_id as station_id, heartbeat_of_day(first_at, start_place, step, deviations, unit_ms) as run_start,
       heartbeat_of_day(first_at, end_place, step, deviations, unit_ms) as run_end
from parts join broken_days on parts.station_id = broken_days.station_id and parts.day = broken_days.day
union all
select station_id, beat_at as run_start, beat_at as run_end
from (
  select station_id, unnest_heartbeats(first_at, heartbeat_count, step, deviations, unit_ms) as beat_at
  from other_days
  where is_mixed_day
) as beats
where beat_at <= $as_of::timestamp
union all
select station_id, max(last_at) as run_start, max(last_at) as run_end
from filtered_heartbeat_days
where day < near_start($scan_from::timestamp, $as_of::timestamp)::date
group by station_id
