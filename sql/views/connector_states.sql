/*---
title: Connector states
description: >-
  What each connector reported from when to when, as far as is known at as_of: the statuses of status events, and of other
  events where the word is one of a connector's. Connector 0 is the charge point as a whole. Columns: station_id, connector,
  status (as reported), state (available, in_use, reserved, faulted, unavailable or unknown), error_code, since, until (empty
  while it lasts), is_excluded (true where the event says that the outage is outside the operator's control).
params:
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2025-12-31 12:00:00" }
  charge_point_id: { description: Only this charge point, example: cp_007 }
  project_id: { description: Only this site, example: site_03 }
---*/
select station_id,
       coalesce(connector_id, '0') as connector,
       status,
       connector_state(status) as state,
       error_code,
       event_time as since,
       lead(event_time, 1, null) over (partition by station_id, coalesce(connector_id, '0') order by event_time, event_id) as until,
       coalesce(excluded, false) as is_excluded
from charge_point_events
where status is not null
  -- An answer to a boot or a firmware step has a status too, which is not the connector's.
  and (same_word(event_type, 'status') or connector_state(status) <> 'unknown')
  and event_time <= $as_of::timestamp
  and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
  and ($project_id::varchar is null or station_id in (select station_id from charge_points where site_id = $project_id::varchar))
