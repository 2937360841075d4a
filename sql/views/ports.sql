/*---
title: Ports
description: Every connector known by as_of, with its port and time in service.
details:
  - Connectors are known by a row of their own or a reported status.
  - "A port can charge one vehicle at a time: the connectors of one evse_id, or a connector without one."
  - A charge point without known connectors is one row with an empty port_id.
  - >-
    Columns: station_id, port_id, connector, served_from (first event, or opened_at if later), served_to (closed_at, or when the
    status became removed; empty while in service),
    last_event_at (of the charge point).
---*/
with reported_connectors as (
  select station_id, connector as reported_connector, first_event_at, last_event_at
  from event_extents
  union all
  select station_id, null::varchar as reported_connector, first_heartbeat as first_event_at, last_heartbeat as last_event_at
  from heartbeat_extents
),
first_events as (
  select station_id, min(first_event_at) as first_heard_at, max(last_event_at) as latest_event_at
  from reported_connectors
  group by station_id
),
known_connectors as (
  select station_id, reported_connector as known_connector, null::varchar as evse
  from reported_connectors
  where reported_connector <> '0'
  union all
  select station_id, connector_id as known_connector, evse_id as evse
  from connectors
  where connector_id <> '0'
),
connector_ports as (
  select station_id, known_connector, coalesce(max(evse), known_connector) as port
  from known_connectors
  group by station_id, known_connector
),
-- A connector is out of service while it, or the charge point as a whole, is removed.
removed_connectors as (
  select station_id as removed_station, connector as removed_connector, since as removed_at from connector_states where until is null and state = 'removed'
)
select first_events.station_id,
       port as port_id,
       known_connector as connector,
       greatest(first_heard_at, coalesce(opened_at, first_heard_at)) as served_from,
       least_non_null(closed_at, least_non_null(own_removal.removed_at, point_removal.removed_at)) as served_to,
       latest_event_at as last_event_at
from first_events
  left join connector_ports on first_events.station_id = connector_ports.station_id
  left join charge_points on first_events.station_id = charge_points.station_id
  left join removed_connectors as own_removal on own_removal.removed_station = first_events.station_id and own_removal.removed_connector = known_connector
  left join removed_connectors as point_removal on point_removal.removed_station = first_events.station_id and point_removal.removed_connector = '0'
