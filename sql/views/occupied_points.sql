/*---
title: Charge points with their number of connectors
description: Selected charge points, and those with a session in the period, with the number of their connectors.
details:
  - >-
    The connectors are those known for the charge point; connectors of one port count as one. If none are known, the distinct
    connectors of its sessions in the period count, at least 1.
  - "Columns: station_id, connector_count, name (the ID if no name is known)."
---*/
with port_counts as (
  select station_id as port_station, count(distinct coalesce('port ' || evse_id, connector_id)) as port_count
  from connectors
  group by station_id
),
connector_counts as (
  select station_id, count(connector_id) as connectors_used
  from occupied_connectors
  group by station_id
),
own_points as (
  select station_id
  from charge_points
  where ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
points as (
  select station_id, connectors_used
  from connector_counts full join own_points using (station_id)
)
select points.station_id as station_id, coalesce(port_count, greatest(connectors_used, 1), 1) as connector_count,
       coalesce(charge_point_name, points.station_id) as name
from points
  left join port_counts on port_station = points.station_id
  left join charge_points on charge_points.station_id = points.station_id
