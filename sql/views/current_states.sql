/*---
title: Current states of connectors
description: The state at as_of of every connector of the charge points in service.
details:
  - Connectors are those with a row of their own or a reported status. Each counts once, by its last reported status.
  - If the charge point as a whole later reported a fault or unavailability that has not ended, that status counts for its connectors.
  - Connectors without a status, and those of a charge point that is offline, unknown or was never heard from, are unknown.
  - "Columns: station_id, point_site, connector, state (as in connector_states)."
---*/
with reported as (
  select station_id, connector, state, since as reported_at
  from connector_states
  where until is null
),
-- A fault or unavailability of the charge point as a whole.
point_states as (
  select station_id, state as point_state, reported_at as point_reported_at
  from reported
  where connector = '0' and state in ('faulted', 'unavailable')
),
known_connectors as (
  select station_id, connector, state, reported_at
  from reported
  where connector <> '0'
  union all
  select station_id, connector_id as connector, null::varchar as state, null::timestamp as reported_at
  from connectors
  where connector_id <> '0'
),
own_states as (
  select station_id, connector, max(state) as own_state, max(reported_at) as own_reported_at
  from known_connectors
  group by station_id, connector
)
select own_states.station_id as station_id, point_site, connector,
       case when own_state = 'removed' then 'removed'
            when not is_online then 'unknown'
            when point_reported_at > coalesce(own_reported_at, timestamp '1970-01-01') then point_state
            else coalesce(own_state, 'unknown') end as state
from own_states
  join points_in_service on points_in_service.station_id = own_states.station_id
  left join point_states on point_states.station_id = own_states.station_id
