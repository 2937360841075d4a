/*---
title: Connections
description: Every charge point heard from, and whether it is online at as_of, by the rule of offline_periods.
details:
  - >-
    A charge point is offline after a disconnect without a later event. If it sends heartbeats, it is also offline once two
    intervals have passed since the last event.
  - online is empty if the charge point is not offline, but has sent nothing for silent_after_hours.
  - "Columns: station_id, online, last_heartbeat_at, last_heard_at, heartbeat_interval."
params:
  heartbeat_interval_seconds: { description: Seconds between heartbeats if neither events nor charge points have an interval, default: 300, min: 1, max: 86400 }
  silent_after_hours: { description: Hours without any event after which a charge point that is not offline is unknown, default: 168, min: 0, max: 87600 }
---*/
with latest_rows as (
  select station_id,
         max(event_time) filter (where equals_ci(event_type, 'heartbeat')) as heartbeat_at,
         max(event_time) filter (where not equals_ci(event_type, 'disconnect')) as heard_at,
         max(event_time) filter (where equals_ci(event_type, 'disconnect')) as disconnect_at,
         max(event_time) filter (where equals_ci(event_type, 'connect')) as connect_at,
         max_by(nullif(heartbeat_interval_seconds, 0), event_time) filter (where heartbeat_interval_seconds > 0) as row_interval
  from filtered_events
  where arrival_order is not null
  group by station_id
  union all
  select station_id, last_heartbeat as heartbeat_at, last_heartbeat as heard_at, null::timestamp as disconnect_at, null::timestamp as connect_at,
         null::double as row_interval
  from heartbeat_extents
),
latest as (
  select station_id, max(heartbeat_at) as last_heartbeat, max(heard_at) as last_heard, max(disconnect_at) as last_disconnect,
         max(connect_at) as last_connect, max(row_interval) as last_interval
  from latest_rows
  group by station_id
),
intervals as (
  select latest.station_id, last_heartbeat, last_heard, last_disconnect, last_connect,
         coalesce(last_interval, nullif(charge_points.heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double) as heartbeat_interval
  from latest left join charge_points on latest.station_id = charge_points.station_id
)
select station_id,
       -- At the same moment, only a connect comes after a disconnect.
       case when coalesce(last_disconnect > last_heard or (last_disconnect = last_heard and coalesce(last_connect < last_disconnect, true)), last_heard is null)
              or coalesce($as_of::timestamp > seconds_after(last_heard, 2 * heartbeat_interval)
                        and last_heartbeat >= seconds_after(last_heard, -2 * heartbeat_interval), false)
            then false
            when $as_of::timestamp <= seconds_after(last_heard, 3600 * $silent_after_hours::double) then true end as online,
       last_heartbeat as last_heartbeat_at,
       last_heard as last_heard_at,
       heartbeat_interval
from intervals
