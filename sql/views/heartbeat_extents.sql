/*---
title: First and last heartbeats
description: The first and last heartbeat up to as_of of each charge point, of those stored in days.
details:
  - "Columns: station_id, first_heartbeat, last_heartbeat."
---*/
with extents as (
  select station_id, first_at as first_beat, last_at as last_beat
  from filtered_heartbeat_days
  where last_at <= $as_of::timestamp
  union all
  select station_id, first_at as first_beat,
         heartbeat_of_day(first_at, heartbeats_until(first_at, step, deviations, unit_ms, now_at) - 1, step, deviations, unit_ms) as last_beat
  from (
    select station_id, first_at, step, deviations, unit_ms, $as_of::timestamp as now_at
    from filtered_heartbeat_days
    where last_at > $as_of::timestamp
  ) as unfinished_days
)
select station_id, min(first_beat) as first_heartbeat, max(last_beat) as last_heartbeat
from extents
group by station_id
