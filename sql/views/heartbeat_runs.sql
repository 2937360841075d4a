/*---
title: Runs of heartbeats
description: >-
  Heartbeats up to as_of, of those stored in days, as runs. Within a run, no gap is longer than two heartbeat intervals and no
  disconnect occurs.
details:
  - A run ends with the UTC day.
  - "With scan_from: the runs of the days from two days before it on, and the last heartbeat before them."
  - On a day with the event type written in two ways, each heartbeat is a run.
  - "Columns: station_id, run_start, run_end, steady_day (the day if its heartbeats are this one run, else empty)."
params:
  heartbeat_interval_seconds: { description: Seconds between heartbeats if neither events nor charge points have an interval, default: 300, min: 1, max: 86400 }
---*/
with shortest_intervals as (
  select station_id, min(heartbeat_interval_seconds) as shortest_interval
  from filtered_events
  where heartbeat_interval_seconds > 0
  group by station_id
),
disconnects as materialized (
  select station_id, event_time as disconnected_at, event_time::date as disconnect_day
  from filtered_events
  where arrival_order is not null and equals_ci(event_type, 'disconnect')
    and ($scan_from::timestamp is null or event_time >= near_start($scan_from::timestamp, $as_of::timestamp))
),
-- Days that are not one run whatever their gaps: with a disconnect, or with the event type written in two ways.
day_marks as (
  select station_id, disconnect_day as marked_day, 0 as mixed
  from disconnects
  group by station_id, disconnect_day
  union all
  select station_id, day as marked_day, 1 as mixed
  from filtered_heartbeat_days
  where ($scan_from::timestamp is null or day >= near_start($scan_from::timestamp, $as_of::timestamp)::date)
  group by station_id, day
  having count(*) > 1
),
marked_days as (
  select station_id, marked_day, max(mixed) = 1 as is_mixed
  from day_marks
  group by station_id, marked_day
),
judged_days as materialized (
  select filtered_heartbeat_days.station_id as station_id, day, first_at, last_at, longest_gap_ms,
         2000 * least_non_null(coalesce(nullif(heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double), shortest_interval) as max_gap_ms,
         marked_days.station_id is not null as is_marked, coalesce(is_mixed, false) as is_mixed_day
  from filtered_heartbeat_days
    left join charge_points on filtered_heartbeat_days.station_id = charge_points.station_id
    left join shortest_intervals on filtered_heartbeat_days.station_id = shortest_intervals.station_id
    left join marked_days on filtered_heartbeat_days.station_id = marked_days.station_id and day = marked_day
  where ($scan_from::timestamp is null or day >= near_start($scan_from::timestamp, $as_of::timestamp)::date)
),
-- Most days are one run.
steady_days as (
  select station_id, day, first_at, last_at
  from judged_days
  where not is_marked and longest_gap_ms <= max_gap_ms and last_at <= $as_of::timestamp
),
broken_keys as (
  select station_id as broken_station, day as broken_day, max_gap_ms, is_mixed_day
  from judged_days
  where is_marked or longest_gap_ms > max_gap_ms or last_at > $as_of::timestamp
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
  -- At the same moment, the disconnect comes later.
  select broken_days.station_id as station_id, day, heartbeats_until(first_at, step, deviations, unit_ms, disconnected_at) - 1 as place
  from broken_days join disconnects on broken_days.station_id = disconnects.station_id and day = disconnect_day
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
select station_id, first_at as run_start, last_at as run_end, day as steady_day
from steady_days
union all
select parts.station_id as station_id, heartbeat_of_day(first_at, start_place, step, deviations, unit_ms) as run_start,
       heartbeat_of_day(first_at, end_place, step, deviations, unit_ms) as run_end, null::date as steady_day
from parts join broken_days on parts.station_id = broken_days.station_id and parts.day = broken_days.day
union all
select station_id, beat_at as run_start, beat_at as run_end, null::date as steady_day
from (
  select station_id, unnest_heartbeats(first_at, heartbeat_count, step, deviations, unit_ms) as beat_at
  from other_days
  where is_mixed_day
) as beats
where beat_at <= $as_of::timestamp
union all
select station_id, max(last_at) as run_start, max(last_at) as run_end, null::date as steady_day
from filtered_heartbeat_days
where day < near_start($scan_from::timestamp, $as_of::timestamp)::date
group by station_id
