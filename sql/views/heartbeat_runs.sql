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
disconnects as (
  select station_id, event_time as disconnected_at, event_time::date as disconnect_day
  from filtered_events
  where arrival_order is not null and equals_ci(event_type, 'disconnect')
    and ($scan_from::timestamp is null or event_time >= near_start($scan_from::timestamp, $as_of::timestamp))
),
disconnect_days as (select station_id, disconnect_day from disconnects group by station_id, disconnect_day),
read_days as (
  select station_id, day, first_at, last_at, heartbeat_count, longest_gap_ms, unit_ms, step, deviations
  from filtered_heartbeat_days
  where ($scan_from::timestamp is null or day >= near_start($scan_from::timestamp, $as_of::timestamp)::date)
),
mixed_days as (select station_id, day as mixed_day from read_days group by station_id, day having count(*) > 1),
days as (
  select read_days.station_id as station_id, day, first_at, last_at, heartbeat_count, longest_gap_ms, unit_ms, step, deviations,
         2000 * least_non_null(coalesce(nullif(heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double), shortest_interval) as max_gap_ms,
         disconnect_days.station_id is not null as has_disconnect,
         mixed_days.station_id is not null as is_mixed,
         $as_of::timestamp as now_at
  from read_days
    left join charge_points on read_days.station_id = charge_points.station_id
    left join shortest_intervals on read_days.station_id = shortest_intervals.station_id
    left join disconnect_days on read_days.station_id = disconnect_days.station_id and day = disconnect_day
    left join mixed_days on read_days.station_id = mixed_days.station_id and day = mixed_day
),
-- Most days are one run.
steady_days as (
  select station_id, day, first_at, last_at
  from days
  where not is_mixed and not has_disconnect and longest_gap_ms <= max_gap_ms and last_at <= $as_of::timestamp
),
broken_days as (
  select station_id, day, first_at, heartbeat_count, unit_ms, step, deviations, max_gap_ms,
         heartbeats_until(first_at, step, deviations, unit_ms, now_at) as known_count
  from days
  where not is_mixed and (has_disconnect or longest_gap_ms > max_gap_ms or last_at > $as_of::timestamp)
),
-- The number, from 0, of the last heartbeat of each run: the last of all, and those before a long gap or a disconnect.
ends as (
  select station_id, day, known_count - 1 as place
  from broken_days
  union all
  select station_id, day, unnest(long_gap_places(step, deviations, unit_ms, max_gap_ms)) as place
  from broken_days
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
  select station_id, heartbeat_time(first_at, unnest(range(heartbeat_count)), step, unnest(deviations), unit_ms) as beat_at
  from days
  where is_mixed
) as beats
where beat_at <= $as_of::timestamp
union all
select station_id, max(last_at) as run_start, max(last_at) as run_end, null::date as steady_day
from filtered_heartbeat_days
where day < near_start($scan_from::timestamp, $as_of::timestamp)::date
group by station_id
