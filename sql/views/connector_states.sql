/*---
title: Connector states
description: Statuses reported for each connector, with start and end, as known at as_of.
details:
  - Statuses come from status events, and from other events if the status is one of a connector.
  - Connector 0 is the charge point as a whole.
  - >-
    With scan_from: the statuses from two days before it on, and of connectors without one then, the last status and those that it
    repeats.
  - >-
    Columns: station_id, connector, status (as reported), state, error_code, since, until (empty for the current status),
    is_excluded, previous_status.
  - state is available, in_use, reserved, faulted, unavailable, removed or unknown. OCPI's BLOCKED and PLANNED are unavailable.
  - A connector that was removed is out of service until it reports another state.
  - is_excluded is true if the event marks the outage as outside the operator's control.
---*/
-- A fault or unavailability began after the last other status.
with begins as (
  select station_id, coalesce(connector_id, '0') as connector,
         least(coalesce(max(last_before) filter (where connector_state(status) <> 'faulted'), timestamp '1970-01-01'),
               coalesce(max(last_before) filter (where connector_state(status) <> 'unavailable'), timestamp '1970-01-01')) as begins_at
  from event_extents
  where $scan_from::timestamp is not null and last_before is not null and is_connector_status(event_type, status)
  group by station_id, coalesce(connector_id, '0')
),
-- Most connectors report something within two days, so only the others are read from before.
early_begins as (
  select station_id, connector, begins_at
  from begins
  where begins_at < near_start($scan_from::timestamp, $as_of::timestamp)
),
statuses as (
  select station_id, coalesce(connector_id, '0') as connector, status, error_code, event_time, arrival_order, excluded
  from filtered_events
  where is_connector_status(event_type, status)
    and ($scan_from::timestamp is null or event_time >= near_start($scan_from::timestamp, $as_of::timestamp))
  union all
  select filtered_events.station_id as station_id, connector, status, error_code, event_time, arrival_order, excluded
  from filtered_events
    join early_begins on filtered_events.station_id = early_begins.station_id and coalesce(connector_id, '0') = connector
  where is_connector_status(event_type, status)
    and event_time >= begins_at and event_time < near_start($scan_from::timestamp, $as_of::timestamp)
)
select station_id, connector, status,
       connector_state(status) as state,
       error_code,
       event_time as since,
       lead(event_time, 1, null) over (partition by station_id, connector order by event_time, arrival_order) as until,
       coalesce(excluded, false) as is_excluded,
       lag(status, 1, null) over (partition by station_id, connector order by event_time, arrival_order) as previous_status
from statuses
