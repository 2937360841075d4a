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
with near_statuses as (
  select station_id, coalesce(connector_id, '0') as connector,
         max(event_time) filter (where connector_state(status) <> 'faulted') as not_faulted_at,
         max(event_time) filter (where connector_state(status) <> 'unavailable') as not_unavailable_at
  from filtered_events
  where is_connector_status(event_type, status)
    and event_time >= near_start($scan_from::timestamp, $as_of::timestamp) and event_time < scan_start($scan_from::timestamp, $as_of::timestamp)
  group by station_id, coalesce(connector_id, '0')
),
-- Most connectors report something else than a fault within two days, so only the others are looked for before.
near_connectors as (
  select station_id as near_station, connector as near_connector
  from near_statuses
  where not_faulted_at is not null and not_unavailable_at is not null
),
far_connectors as (
  select station_id as far_station, connector as far_connector
  from event_extents left join near_connectors on station_id = near_station and connector = near_connector
  where near_station is null and connector is not null and first_event_at < near_start($scan_from::timestamp, $as_of::timestamp)
),
last_statuses as (
  select station_id, connector, not_faulted_at, not_unavailable_at
  from near_statuses
  union all
  select station_id, far_connector as connector,
         max(event_time) filter (where connector_state(status) <> 'faulted') as not_faulted_at,
         max(event_time) filter (where connector_state(status) <> 'unavailable') as not_unavailable_at
  from filtered_events join far_connectors on station_id = far_station and coalesce(connector_id, '0') = far_connector
  where is_connector_status(event_type, status)
    and event_time < near_start($scan_from::timestamp, $as_of::timestamp)
  group by station_id, far_connector
),
-- A fault or unavailability began after the last other status.
begins as (
  select station_id, connector,
         least(coalesce(max(not_faulted_at), timestamp '1970-01-01'), coalesce(max(not_unavailable_at), timestamp '1970-01-01')) as begins_at
  from last_statuses
  group by station_id, connector
),
early_begins as (
  select station_id, connector, begins_at
  from begins
  where begins_at < near_start($scan_from::timestamp, $as_of::timestamp)
),
statuses as (
  select station_id, coalesce(connector_id, '0') as connector, status, connector_state(status) as state, error_code, event_time, arrival_order, excluded
  from filtered_events
  where is_connector_status(event_type, status)
    and ($scan_from::timestamp is null or event_time >= near_start($scan_from::timestamp, $as_of::timestamp))
  union all
  select filtered_events.station_id as station_id, connector, status, connector_state(status) as state, error_code, event_time, arrival_order, excluded
  from filtered_events
    join early_begins on filtered_events.station_id = early_begins.station_id and coalesce(connector_id, '0') = connector
  where is_connector_status(event_type, status)
    and event_time >= begins_at and event_time < near_start($scan_from::timestamp, $as_of::timestamp)
)
select station_id, connector, status, state, error_code,
       event_time as since,
       lead(event_time, 1, null) over (partition by station_id, connector order by event_time, arrival_order) as until,
       coalesce(excluded, false) as is_excluded,
       lag(status, 1, null) over (partition by station_id, connector order by event_time, arrival_order) as previous_status
from statuses
