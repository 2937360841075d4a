/*---
title: Connector states
description: >-
  What each connector reported from when to when, as far as is known at as_of: the statuses of status events, and of other
  events where the word is one of a connector's. Connector 0 is the charge point as a whole. Columns: station_id, connector,
  status (as reported), state (available, in_use, reserved, faulted, unavailable or unknown), error_code, since, until (empty
  while it lasts), is_excluded (true where the event says that the outage is outside the operator's control).
---*/
select station_id,
       coalesce(connector_id, '0') as connector,
       status,
       connector_state(status) as state,
       error_code,
       event_time as since,
       lead(event_time, 1, null) over (partition by station_id, coalesce(connector_id, '0') order by event_time, event_id) as until,
       coalesce(excluded, false) as is_excluded
from events_chosen
where status is not null
  -- An answer to a boot or a firmware step has a status too, which is not the connector's.
  and (same_word(event_type, 'status') or connector_state(status) <> 'unknown')
