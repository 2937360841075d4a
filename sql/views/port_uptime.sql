/*---
title: Port uptime
description: >-
  Uptime of every port over the days before as_of by the formula of 23 CFR 680.116(b): minutes in service less the
  minutes down that are not excluded, over the minutes in service. Ports that were not in service in that time are left
  out. Columns: station_id, port_id (empty where no connector of the charge point is known), period_minutes (in service),
  outage_minutes (all), excluded_minutes (those of them that the rule does not count), uptime_percent.
params:
  days: { description: "Days before as_of over which uptime, sessions and bills are judged", default: 30, min: 1, max: 3660 }
---*/
with in_service as (
  select station_id, port_id,
         greatest(micros_of(min(served_from)), micros_of($as_of::timestamp) - $days::bigint * 86400000000) as counted_from,
         least(micros_of($as_of::timestamp), coalesce(micros_of(min(served_to)), micros_of($as_of::timestamp))) as counted_to
  from ports
  group by station_id, port_id
),
lost as (
  select in_service.station_id, in_service.port_id,
         coalesce(sum(least(micros_of(down_to), counted_to) - greatest(micros_of(down_from), counted_from)), 0) as micros,
         coalesce(sum(least(micros_of(down_to), counted_to) - greatest(micros_of(down_from), counted_from)) filter (where is_excluded), 0) as excluded_micros
  from downtimes join in_service on downtimes.station_id = in_service.station_id and coalesce(downtimes.port_id, '') = coalesce(in_service.port_id, '')
  where is_port and micros_of(down_from) < counted_to and micros_of(down_to) > counted_from
  group by in_service.station_id, in_service.port_id
)
select in_service.station_id, in_service.port_id,
       (counted_to - counted_from) / 60000000::double as period_minutes,
       coalesce(micros, 0) / 60000000::double as outage_minutes,
       coalesce(excluded_micros, 0) / 60000000::double as excluded_minutes,
       100 * (counted_to - counted_from - coalesce(micros - excluded_micros, 0)) / nullif(counted_to - counted_from, 0)::double as uptime_percent
from in_service left join lost on in_service.station_id = lost.station_id and coalesce(in_service.port_id, '') = coalesce(lost.port_id, '')
where counted_to > counted_from
