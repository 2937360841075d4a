/*---
title: Days of heartbeats as runs
description: The heartbeat_days up to as_of, and whether each is one run of heartbeats.
details:
  - "With scan_from: the days from two days before it on."
  - >-
    A day is steady if no gap is longer than two heartbeat intervals, no disconnect occurs, the event type is written in one way, and the
    day is over at as_of.
  - "Columns: station_id, day, first_at, last_at, max_gap_ms, is_mixed_day (the event type is written in two ways), is_steady."
params:
  heartbeat_interval_seconds: { description: Seconds between heartbeats if neither events nor charge points have an interval, default: 300, min: 1, max: 86400 }
---*/
with shortest_intervals as (
  select station_id, min(heartbeat_interval_seconds) as shortest_interval
  from filtered_events
  where heartbeat_interval_seconds > 0
  group by station_id
),
-- Days that are not one run whatever their gaps: with a disconnect, or with the event type written in two ways.
day_marks as (
  select station_id, event_time::date as marked_day, 0 as mixed
  from filtered_events
  where arrival_order is not null and equals_ci(event_type, 'disconnect')
    and ($scan_from::timestamp is null or event_time >= near_start($scan_from::timestamp, $as_of::timestamp))
  group by station_id, event_time::date
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
compared_days as (
  select filtered_heartbeat_days.station_id as station_id, day, first_at, last_at, longest_gap_ms,
         2000 * least_non_null(coalesce(nullif(heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double), shortest_interval) as max_gap_ms,
         marked_days.station_id is not null as is_marked, coalesce(is_mixed, false) as is_mixed_day
  from filtered_heartbeat_days
    left join charge_points on filtered_heartbeat_days.station_id = charge_points.station_id
    left join shortest_intervals on filtered_heartbeat_days.station_id = shortest_intervals.station_id
    left join marked_days on filtered_heartbeat_days.station_id = marked_days.station_id and day = marked_day
  where ($scan_from::timestamp is null or day >= near_start($scan_from::timestamp, $as_of::timestamp)::date)
)
select station_id, day, first_at, last_at, max_gap_ms, is_mixed_day,
       not is_marked and longest_gap_ms <= max_gap_ms and last_at <= $as_of::timestamp as is_steady
from compared_days
