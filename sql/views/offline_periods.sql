/*---
title: Offline periods
description: >-
  When charge points were not connected, as far as is known at as_of: from a disconnect, or, while heartbeats come, from
  two intervals after the last thing heard, until anything but a disconnect is heard again. The interval is the one told by
  the latest event that tells it, else that of the charge point, else heartbeat_interval_seconds. Columns: station_id,
  offline_from, offline_to (empty while it lasts), began_with (disconnect or silence), is_excluded (true where the first of
  its events that tells says that the outage is outside the operator's control).
params:
  heartbeat_interval_seconds: { description: Seconds between two heartbeats where neither events nor charge points tell, default: 300, min: 1, max: 86400 }
---*/
with told as (
  select station_id, event_time, excluded,
         same_word(event_type, 'disconnect') as is_disconnect,
         case when same_word(event_type, 'heartbeat') then event_time end as beat_at,
         nullif(heartbeat_interval_seconds, 0) as told_interval,
         -- Of one moment, a disconnect comes after what was sent and before the connect that follows.
         micros_of(event_time) * 4 + case when same_word(event_type, 'disconnect') then 1 when same_word(event_type, 'connect') then 2 else 0 end as place
  from events_chosen
),
-- Intervals are told seldom: of the many rows, those with a gap longer than the shortest ever told are looked at again.
shortest as (
  select station_id, min(heartbeat_interval_seconds) as shortest_told
  from events_chosen
  where heartbeat_interval_seconds > 0
  group by station_id
),
heard as (
  select station_id, event_time, excluded, is_disconnect, told_interval, place,
         lead(event_time, 1, null) over (partition by station_id order by place) as next_told,
         last_value(beat_at ignore nulls) over (partition by station_id order by place rows between unbounded preceding and current row) as last_beat,
         first_value(case when not is_disconnect then event_time end ignore nulls)
           over (partition by station_id order by place rows between 1 following and unbounded following) as next_heard
  from told
),
gaps as (
  select heard.station_id, event_time, excluded, is_disconnect, told_interval, place, next_told, last_beat, next_heard,
         coalesce(nullif(charge_points.heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double) as own_interval
  from heard
    left join charge_points on heard.station_id = charge_points.station_id
    left join shortest on heard.station_id = shortest.station_id
  where is_disconnect
     or told_interval is not null
     or micros_of(coalesce(next_told, $as_of::timestamp)) - micros_of(event_time)
        > 2000000 * least_known(coalesce(nullif(charge_points.heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double), shortest_told)
),
patience as (
  select station_id, event_time, excluded, is_disconnect, next_told, next_heard, last_beat,
         2 * coalesce(last_value(told_interval ignore nulls) over (partition by station_id order by place rows between unbounded preceding and current row), own_interval) as longest
  from gaps
),
begun as (
  select station_id, next_heard, excluded, is_disconnect,
         case when is_disconnect then event_time else seconds_after(event_time, longest) end as gone_at
  from patience
  where is_disconnect
     or (coalesce(next_told, $as_of::timestamp) > seconds_after(event_time, longest) and last_beat >= seconds_after(event_time, -longest))
)
select station_id,
       min(gone_at) as offline_from,
       next_heard as offline_to,
       case when min_by(is_disconnect, gone_at) then 'disconnect' else 'silence' end as began_with,
       coalesce(min_by(excluded, gone_at), false) as is_excluded
from begun
group by station_id, next_heard
