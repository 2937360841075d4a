/*---
title: Connector states
description: Statuses reported for each connector, with start and end, as known at as_of.
details:
  - Statuses come from status events, and from other events if the status is one of a connector.
  - Connector 0 is the charge point as a whole.
  - "Columns: station_id, connector, status (as reported), state, error_code, since, until (empty for the current status), is_excluded."
  - state is available, in_use, reserved, faulted, unavailable, removed or unknown. OCPI's BLOCKED and PLANNED are unavailable.
  - A connector that was removed is out of service until it reports another state.
  - is_excluded is true if the event marks the outage as outside the operator's control.
---*/
select station_id,
       coalesce(connector_id, '0') as connector,
       status,
       connector_state(status) as state,
       error_code,
       event_time as since,
       lead(event_time, 1, null) over (partition by station_id, coalesce(connector_id, '0') order by event_time, arrival_order) as until,
       coalesce(excluded, false) as is_excluded
from filtered_events
where status is not null
  -- Boot and firmware events have a status too, but it is not the connector's.
  and (equals_ci(event_type, 'status') or connector_state(status) <> 'unknown')
