/*---
title: Heartbeats that matter
description: >-
  Heartbeats up to as_of, of those stored in days: the first and the last one of each run. Within a run, no gap is longer than two
  heartbeat intervals and no disconnect occurs.
details:
  - A run ends with the UTC day.
  - "Columns: station_id, heartbeat_at, covered_until (with the first heartbeat of a run: its last one; else empty)."
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
),
disconnect_days as (
  select station_id, disconnect_day
  from disconnects
  group by station_id, disconnect_day
),
days as (
  select filtered_heartbeat_days.station_id as station_id, day, first_at, last_at, heartbeat_count, longest_gap_ms, unit_ms, step, deviations,
         2000 * least_non_null(coalesce(nullif(heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double), shortest_interval) as max_gap_ms,
         disconnect_days.station_id is not null as has_disconnect
  from filtered_heartbeat_days
    left join charge_points on filtered_heartbeat_days.station_id = charge_points.station_id
    left join shortest_intervals on filtered_heartbeat_days.station_id = shortest_intervals.station_id
    left join disconnect_days on filtered_heartbeat_days.station_id = disconnect_days.station_id and day = disconnect_day
),
-- Most days are one run.
whole_days as (
  select station_id, first_at, last_at
  from days
  where not has_disconnect and longest_gap_ms <= max_gap_ms and last_at <= $as_of::timestamp
),
beats as (
  select station_id, day, max_gap_ms,
         unnest_heartbeats(first_at, heartbeat_count, step, deviations, unit_ms) as beat_at
  from days
  where has_disconnect or longest_gap_ms > max_gap_ms or last_at > $as_of::timestamp
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
),
runs as (
  select station_id, first_at, last_at
  from whole_days
  union all
  select station_id, min(moment) as first_at, max(moment) as last_at
  from numbered
  where not is_disconnect
  group by station_id, day, run
)
select station_id, first_at as heartbeat_at, last_at as covered_until
from runs
union all
select station_id, last_at as heartbeat_at, null::timestamp as covered_until
from runs
where last_at > first_at
