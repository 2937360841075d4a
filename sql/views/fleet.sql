/*---
title: Fleet
description: "Every charge point in service at as_of: opened and not closed, or heard from if it has no row of its own."
details:
  - "Columns: station_id, online, is_faulted."
  - >-
    online is false during one of the offline_periods, and empty if the charge point was never heard from, or not for
    silent_after_hours.
  - is_faulted is true if the charge point as a whole or one of its connectors last reported a fault.
params:
  silent_after_hours: { description: Hours without any event after which a charge point that is not offline is unknown, default: 168, min: 0, max: 87600 }
---*/
with last_events as (
  select station_id, last_event_at from event_extents
  union all
  select station_id, last_heartbeat as last_event_at from heartbeat_extents
),
reporting_points as (
  select station_id, max(last_event_at) as latest_event from last_events group by station_id
),
known_points as (
  select station_id, case when station_id in (select station_id from offline_periods where offline_to is null) then false
              when $as_of::timestamp <= seconds_after(latest_event, 3600 * $silent_after_hours::double) then true end as online
  from reporting_points
  union all
  select station_id, null::boolean as online
  from charge_points
  where station_id not in (select station_id from reporting_points where station_id is not null)
    and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
out_of_service as (
  select station_id from charge_points where opened_at > $as_of::timestamp or closed_at <= $as_of::timestamp
),
faulted_now as (select station_id from connector_states where until is null and state = 'faulted')
select station_id, online, station_id in (select station_id from faulted_now) as is_faulted
from known_points
where station_id not in (select station_id from out_of_service where station_id is not null)
