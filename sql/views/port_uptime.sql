/*---
title: Port uptime
description: Uptime of every port over the days before as_of, or since a time, by 23 CFR 680.116(b).
details:
  - Uptime is the minutes in service minus the counted downtime, divided by the minutes in service.
  - Ports that were not in service in that time are left out.
  - >-
    Columns: station_id, port_id (empty if the charge point has no known connector), period_minutes (in service), outage_minutes
    (all), excluded_minutes (not counted by the rule), uptime_percent.
params:
  days: { description: "Days before as_of over which uptime, sessions and bills are judged", default: 30, min: 1, max: 3660 }
  since: { description: "Start of the time that is judged, if it is later than the days before as_of; default: these days", example: "2025-10-01" }
---*/
with in_service as (
  select station_id, port_id,
         greatest(epoch_micros(min(served_from)), epoch_micros(days_start($as_of::timestamp, $days::bigint, $since::timestamp))) as counted_from,
         least(epoch_micros($as_of::timestamp), coalesce(case when count(*) = count(served_to) then epoch_micros(max(served_to)) end, epoch_micros($as_of::timestamp))) as counted_to
  from ports
  group by station_id, port_id
),
downtime as (
  select in_service.station_id, in_service.port_id,
         coalesce(sum(least(epoch_micros(down_to), counted_to) - greatest(epoch_micros(down_from), counted_from)), 0) as down_micros,
         coalesce(sum(least(epoch_micros(down_to), counted_to) - greatest(epoch_micros(down_from), counted_from)) filter (where is_excluded), 0) as excluded_micros
  from downtimes join in_service on downtimes.station_id = in_service.station_id and coalesce(downtimes.port_id, '') = coalesce(in_service.port_id, '')
  where is_port and epoch_micros(down_from) < counted_to and epoch_micros(down_to) > counted_from
  group by in_service.station_id, in_service.port_id
)
select in_service.station_id, in_service.port_id,
       (counted_to - counted_from) / 60000000::double as period_minutes,
       coalesce(down_micros, 0) / 60000000::double as outage_minutes,
       coalesce(excluded_micros, 0) / 60000000::double as excluded_minutes,
       100 * (counted_to - counted_from - coalesce(down_micros - excluded_micros, 0)) / nullif(counted_to - counted_from, 0)::double as uptime_percent
from in_service left join downtime on in_service.station_id = downtime.station_id and coalesce(in_service.port_id, '') = coalesce(downtime.port_id, '')
where counted_to > counted_from
