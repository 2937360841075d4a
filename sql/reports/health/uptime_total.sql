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
# The days are local: a day more than 30 is enough in every zone.
scan_from: coalesce($from::timestamp, least_non_null($to::timestamp, $as_of::timestamp) - interval 31 day)
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
with served as (
  select count(*) as port_count, coalesce(sum(ends - starts), 0) as served_micros
  from ports_in_service
),
lost as (
  select coalesce(sum(down_end - down_start), 0) as all_micros, coalesce(sum(case when is_excluded then down_end - down_start else 0 end), 0) as excluded_micros
  from port_downtimes_in_period
)
select $as_of::timestamp as calculated_at,
       1 - all_micros / nullif(served_micros, 0)::double as uptime,
       all_micros / 60000000::double as downtime_minutes,
       excluded_micros / 60000000::double as excluded_minutes,
       port_count as ports,
       served_micros / 60000000::double as port_minutes
from served cross join lost
