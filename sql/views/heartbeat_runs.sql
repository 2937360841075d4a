/*---
title: Runs of heartbeats
description: >-
  Heartbeats up to as_of, of those stored in days, as runs. Within a run, no gap is longer than two heartbeat intervals and no
  disconnect occurs.
details:
  - A run ends with the UTC day.
  - "With scan_from: the runs of the days from two days before it on, and the last heartbeat before them."
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
-- Days that are not one run whatever their gaps: with a disconnect, or with the event type written in two ways.
split_days as (
  select station_id, disconnect_day as split_day
  from disconnects
  group by station_id, disconnect_day
  union all
  select station_id, day as split_day
  from filtered_heartbeat_days
  where ($scan_from::timestamp is null or day >= near_start($scan_from::timestamp, $as_of::timestamp)::date)
  group by station_id, day
  having count(*) > 1
),
split_points as (select station_id, split_day from split_days group by station_id, split_day),
days as (
  select filtered_heartbeat_days.station_id as station_id, day, first_at, last_at, heartbeat_count, longest_gap_ms, unit_ms, step, deviations,
         2000 * least_non_null(coalesce(nullif(heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double), shortest_interval) as max_gap_ms,
         split_points.station_id is not null as is_split
  from filtered_heartbeat_days
    left join charge_points on filtered_heartbeat_days.station_id = charge_points.station_id
    left join shortest_intervals on filtered_heartbeat_days.station_id = shortest_intervals.station_id
    left join split_points on filtered_heartbeat_days.station_id = split_points.station_id and day = split_day
  where ($scan_from::timestamp is null or day >= near_start($scan_from::timestamp, $as_of::timestamp)::date)
),
beats as (
  select station_id, day, max_gap_ms,
         unnest_heartbeats(first_at, heartbeat_count, step, deviations, unit_ms) as beat_at
  from days
  where is_split or longest_gap_ms > max_gap_ms or last_at > $as_of::timestamp
),
points as (
  select station_id, day, beat_at as moment, max_gap_ms, false as is_disconnect
  from beats
  where beat_at <= $as_of::timestamp
  union all
  select station_id, disconnect_day as day, disconnected_at as moment, null::double as max_gap_ms, true as is_disconnect
  from disconnects
),
-- At the same moment, the disconnect comes later.
steps as (
  select station_id, day, moment, is_disconnect,
         coalesce(lag(is_disconnect, 1, null) over (partition by station_id, day order by moment, is_disconnect), true)
           or epoch_micros(moment) - epoch_micros(lag(moment, 1, null) over (partition by station_id, day order by moment, is_disconnect)) > 1000 * max_gap_ms as begins_run
  from points
),
numbered as (
  select station_id, day, moment, is_disconnect,
         sum(case when begins_run then 1 else 0 end) over (partition by station_id, day order by moment, is_disconnect rows between unbounded preceding and current row) as run
  from steps
)
-- Most days are one run.
select station_id, first_at as run_start, last_at as run_end, day as steady_day
from days
where not is_split and longest_gap_ms <= max_gap_ms and last_at <= $as_of::timestamp
union all
select station_id, min(moment) as run_start, max(moment) as run_end, null::date as steady_day
from numbered
where not is_disconnect
group by station_id, day, run
union all
select station_id, max(last_at) as run_start, max(last_at) as run_end, null::date as steady_day
from filtered_heartbeat_days
where day < near_start($scan_from::timestamp, $as_of::timestamp)::date
group by station_id
