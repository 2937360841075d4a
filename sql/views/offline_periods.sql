/*---
title: Offline periods
description: Times when charge points were offline, as known at as_of.
details:
  - A charge point goes offline with a disconnect event, or, if it sends heartbeats, when two heartbeat intervals pass without an event.
  - It is offline until any event other than a disconnect arrives.
  - The interval is the one in the latest event that has one, else that of the charge point, else heartbeat_interval_seconds.
  - "Columns: station_id, offline_from, offline_to (empty while offline), began_with (disconnect or silence), is_excluded."
  - "is_excluded comes from the first event of the period that has a value: true if the outage is outside the operator's control."
params:
  heartbeat_interval_seconds: { description: Seconds between heartbeats if neither events nor charge points have an interval, default: 300, min: 1, max: 86400 }
---*/
with events as (
  select station_id, event_time, excluded,
         equals_ci(event_type, 'disconnect') as is_disconnect,
         case when equals_ci(event_type, 'heartbeat') then event_time end as heartbeat_at,
         nullif(heartbeat_interval_seconds, 0) as event_interval,
         -- At the same moment, a disconnect comes after other events and before a connect.
         epoch_micros(event_time) * 4 + case when equals_ci(event_type, 'disconnect') then 1 when equals_ci(event_type, 'connect') then 2 else 0 end as position,
         null::timestamp as covered_until
  from filtered_events
  where arrival_order is not null
  union all
  select station_id, heartbeat_at as event_time, null::boolean as excluded, false as is_disconnect, heartbeat_at, null::double as event_interval,
         epoch_micros(heartbeat_at) * 4 as position, covered_until
  from heartbeat_marks
),
-- Few events carry an interval, so only gaps longer than the shortest one are examined.
shortest_intervals as (
  select station_id, min(heartbeat_interval_seconds) as shortest_interval
  from filtered_events
  where heartbeat_interval_seconds > 0
  group by station_id
),
neighbours as (
  select station_id, event_time, excluded, is_disconnect, event_interval, position,
         -- Between the first and last heartbeat of a day that lists no others, no gap matters.
         coalesce(max(covered_until) over (partition by station_id order by position rows between unbounded preceding and current row) > event_time, false) as is_covered,
         lead(event_time, 1, null) over (partition by station_id order by position) as next_event,
         last_value(heartbeat_at ignore nulls) over (partition by station_id order by position rows between unbounded preceding and current row) as last_heartbeat,
         first_value(case when not is_disconnect then event_time end ignore nulls)
           over (partition by station_id order by position rows between 1 following and unbounded following) as next_heard
  from events
),
gaps as (
  select neighbours.station_id, event_time, excluded, is_disconnect, event_interval, position, is_covered, next_event, last_heartbeat, next_heard,
         coalesce(nullif(charge_points.heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double) as default_interval
  from neighbours
    left join charge_points on neighbours.station_id = charge_points.station_id
    left join shortest_intervals on neighbours.station_id = shortest_intervals.station_id
  where is_disconnect
     or event_interval is not null
     or not is_covered and epoch_micros(coalesce(next_event, $as_of::timestamp)) - epoch_micros(event_time)
        > 2000000 * least_non_null(coalesce(nullif(charge_points.heartbeat_interval_seconds, 0), $heartbeat_interval_seconds::double), shortest_interval)
),
timeouts as (
  select station_id, event_time, excluded, is_disconnect, is_covered, next_event, next_heard, last_heartbeat,
         2 * coalesce(last_value(event_interval ignore nulls) over (partition by station_id order by position rows between unbounded preceding and current row), default_interval) as timeout
  from gaps
),
losses as (
  select station_id, next_heard, excluded, is_disconnect,
         case when is_disconnect then event_time else seconds_after(event_time, timeout) end as lost_at
  from timeouts
  where is_disconnect
     or (not is_covered and coalesce(next_event, $as_of::timestamp) > seconds_after(event_time, timeout) and last_heartbeat >= seconds_after(event_time, -timeout))
)
select station_id,
       min(lost_at) as offline_from,
       next_heard as offline_to,
       case when min_by(is_disconnect, lost_at) then 'disconnect' else 'silence' end as began_with,
       coalesce(min_by(excluded, lost_at), false) as is_excluded
from losses
group by station_id, next_heard
