/*---
title: First and last heartbeats
description: The first and last heartbeat up to as_of of each charge point, of those stored in days.
details:
  - "Columns: station_id, first_heartbeat, last_heartbeat."
---*/
with extents as (
  select station_id, first_at, last_at
  from filtered_heartbeat_days
  where last_at <= $as_of::timestamp
  union all
  select station_id, heartbeat_at as first_at, heartbeat_at as last_at
  from (
    select station_id, unnest_heartbeats(first_at, heartbeat_count, step, deviations, unit_ms) as heartbeat_at
    from filtered_heartbeat_days
    where last_at > $as_of::timestamp
  ) as heartbeats
  where heartbeat_at <= $as_of::timestamp
)
select station_id, min(first_at) as first_heartbeat, max(last_at) as last_heartbeat
from extents
group by station_id
