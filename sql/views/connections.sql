/*---
title: Connections
description: >-
  Every charge point heard of and whether it is online at as_of, by the rule of offline_periods: offline after a disconnect
  with nothing heard since, and, while heartbeats come, when two intervals have passed since the last thing heard. Columns:
  station_id, online, last_heartbeat_at, last_heard_at, heartbeat_interval.
params:
  heartbeat_interval_seconds: { description: Seconds between two heartbeats where neither events nor charge points tell, default: 300, min: 1, max: 86400 }
---*/
with latest as (
  select station_id,
         max(event_time) filter (where same_word(event_type, 'heartbeat')) as last_beat,
         max(event_time) filter (where not same_word(event_type, 'disconnect')) as last_sign,
         max(event_time) filter (where same_word(event_type, 'disconnect')) as last_loss,
         max(event_time) filter (where same_word(event_type, 'connect')) as last_connect,
         max_by(nullif(heartbeat_interval_seconds, 0), event_time) filter (where heartbeat_interval_seconds > 0) as last_interval
  from events_chosen
  group by station_id
),
patience as (
  select latest.station_id, last_beat, last_sign, last_loss, last_connect,
         coalesce(last_interval, nullif(charge_points.heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double) as heartbeat_interval
  from latest left join charge_points on latest.station_id = charge_points.station_id
)
select station_id,
       -- Of one moment, only a connect comes after a disconnect.
       not (coalesce(last_loss > last_sign or (last_loss = last_sign and coalesce(last_connect < last_loss, true)), last_sign is null)
            or coalesce($as_of::timestamp > seconds_after(last_sign, 2 * heartbeat_interval)
                        and last_beat >= seconds_after(last_sign, -2 * heartbeat_interval), false)) as online,
       last_beat as last_heartbeat_at,
       last_sign as last_heard_at,
       heartbeat_interval
from patience
