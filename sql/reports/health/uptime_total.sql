/*---
title: Uptime in total
summary: Uptime of all ports
listing: helper
description: Uptime of all ports in the period, in one row.
details:
  - Ports, downtime and time in service count as in uptime_days, whose days add up to it.
  - "Without from: the 30 days up to to or as_of."
http: [/api/v1/analytics/fleet/uptime-total, /v0/pipes/uptime_total.json]
params:
  from: { description: "Start of the period; default: 30 days", role: period_start, example: "2025-01-01" }
  to: { description: "End of the period; a bare date includes the whole day; default: as_of", role: period_end, example: "2025-01-31" }
  charge_point_id: { description: Only this charge point, role: charge_point, example: cp_007 }
  project_id: { description: Only charge points of this site, role: site, example: site_03 }
  as_of: { description: "Point in time the report is computed for; later events are ignored; default: now", role: now, example: "2025-12-31 12:00:00" }
  tz: { description: IANA time zone of dates, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  calculated_at: { description: "Time the uptime is for, UTC" }
  uptime: { description: 1 - downtime_minutes / port_minutes; empty without ports, unit: share, nullable: true }
  downtime_minutes: { description: "Downtime of the ports, added up", unit: minutes }
  excluded_minutes: { description: Part of the downtime that events mark as outside the operator's control, unit: minutes }
  ports: { description: Ports in service at any time in the period, unit: count }
  port_minutes: { description: "Time in service of the ports, added up", unit: minutes }
key: [calculated_at]
sort: { default: calculated_at, allow: [calculated_at] }
page: { kind: none }
answer: { shape: object, echo: [from, to] }
chart: { kind: number, value: uptime, levels: [0.97, 0.999], better: up, more: [ports] }
explain: uptime_days
---*/
with period_ends as (
  select least(coalesce(seconds_after($to::timestamp, 0.000001), $as_of::timestamp), $as_of::timestamp) as ends_at
),
last_days as (
  select epoch_micros(ends_at) as period_end, local_date_of_epoch(idiv(epoch_micros(ends_at) - 1, 1000000), $tz::varchar) as final_day
  from period_ends
),
period as (
  select coalesce(epoch_micros($from::timestamp), epoch_of_local_date(final_day - interval 29 day, $tz::varchar) * 1000000) as period_start, period_end
  from last_days
),
units as (
  select station_id, port_id, epoch_micros(min(served_from)) as since, case when count(*) = count(served_to) then epoch_micros(max(served_to)) end as until
  from ports
  group by station_id, port_id
),
in_service as (
  select station_id, port_id, greatest(period_start, since) as starts, least(period_end, coalesce(until, period_end)) as ends
  from units cross join period
  where greatest(period_start, since) < least(period_end, coalesce(until, period_end))
),
served as (
  select count(*) as port_count, coalesce(sum(ends - starts), 0) as served_micros
  from in_service
),
cut_downtimes as (
  select is_excluded, least(epoch_micros(down_to), ends) - greatest(epoch_micros(down_from), starts) as down_micros
  from downtimes join in_service on downtimes.station_id = in_service.station_id and coalesce(downtimes.port_id, '') = coalesce(in_service.port_id, '')
  where is_port and epoch_micros(down_from) < ends and epoch_micros(down_to) > starts
),
lost as (
  select coalesce(sum(down_micros), 0) as all_micros, coalesce(sum(case when is_excluded then down_micros else 0 end), 0) as excluded_micros
  from cut_downtimes
)
select $as_of::timestamp as calculated_at,
       1 - all_micros / nullif(served_micros, 0)::double as uptime,
       all_micros / 60000000::double as downtime_minutes,
       excluded_micros / 60000000::double as excluded_minutes,
       port_count as ports,
       served_micros / 60000000::double as port_minutes
from served cross join lost
