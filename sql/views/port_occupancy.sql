/*---
title: Occupied ports
description: The occupied_times of every port; time in which several sessions overlap at a port counts once.
details:
  - >-
    A port is the connectors of one evse_id, or a connector without one. Sessions without a connector are at the charge point's
    connector if it has one, else at one of their own.
  - "Columns: station_id, counted_from, ends (seconds since 1970; a session adds nothing if it ends by counted_from)."
---*/
with known_ports as (
  select station_id as port_station, connector_id as port_connector, coalesce('port ' || evse_id, connector_id) as port
  from connectors
),
port_counts as (
  select port_station, count(distinct port) as port_count, min(port) as first_port
  from known_ports
  group by port_station
),
connector_counts as (
  select station_id, count(connector_id) as connectors_used, min(connector_id) as first_connector
  from occupied_connectors
  group by station_id
),
-- The port of every connector in the sessions. Sessions without a connector are at the only port.
used_ports as (
  select occupied_connectors.station_id as used_station, connector_id as used_connector,
         coalesce(port, connector_id,
                  case when coalesce(port_count, connectors_used, 0) <= 1 then coalesce(first_port, first_connector) end) as used_port
  from occupied_connectors
    left join known_ports on port_station = station_id and port_connector = connector_id
    left join port_counts on port_counts.port_station = station_id
    left join connector_counts on connector_counts.station_id = occupied_connectors.station_id
)
-- A session adds only the time after the latest end before it at its port.
select station_id, ends,
       greatest(starts, coalesce(
         max(ends) over (partition by station_id, used_port order by starts, ends rows between unbounded preceding and 1 preceding), starts)) as counted_from
from occupied_times join used_ports on used_station = station_id and used_connector is not distinct from connector_id
where ends > starts
