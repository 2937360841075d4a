/*---
title: Uptime by port and day
summary: Uptime of each port by day
listing: helper
description: Uptime of every port on each local day, the port with the lowest uptime first.
details:
  - Ports, downtime and time in service count as in uptime_days, whose rows are the sums over all ports.
  - A day on which a port is not in service has no row.
  - "port_uptime is the uptime of the port over the whole period, which is the default order."
  - "Without from: the 30 days up to to or as_of. More than 10,000 days are an error."
http: [/api/v1/analytics/fleet/uptime-port-days, /v0/pipes/uptime_port_days.json]
params:
  from: { description: "Start of the period; default: 30 days", role: period_start, example: "2025-01-01" }
  to: { description: "End of the period; a bare date includes the whole day; default: as_of", role: period_end, example: "2025-01-31" }
  charge_point_id: { description: Only this charge point, role: charge_point, example: cp_007 }
  project_id: { description: Only charge points of this site, role: site, example: site_03 }
  as_of: { description: "Point in time the report is computed for; later events are ignored; default: now", role: now, example: "2025-12-31 12:00:00" }
  tz: { description: IANA time zone of the days, role: time_zone, default: UTC, example: Europe/Berlin }
# The days are local: a day more than 30 is enough in every zone.
scan_from: coalesce($from::timestamp, least_non_null($to::timestamp, $as_of::timestamp) - interval 31 day)
columns:
  charge_point_id: { description: Charge point }
  charge_point_name: { description: "Name, or the ID if no name is known" }
  port_id: { description: Port; empty if no connector is known, nullable: true }
  date: { description: Local day }
  uptime: { description: 1 - downtime_minutes / port_minutes, unit: share }
  downtime_minutes: { description: Downtime of the port, unit: minutes }
  excluded_minutes: { description: Part of the downtime that events mark as outside the operator's control, unit: minutes }
  port_minutes: { description: Time in service of the port, unit: minutes }
  port_uptime: { description: Uptime of the port over the whole period, unit: share }
key: [charge_point_id, port_id, date]
total: [downtime_minutes, excluded_minutes, port_minutes]
sort: { default: port_uptime, allow: [charge_point_id, charge_point_name, date, uptime, downtime_minutes, port_uptime] }
page: { kind: limit, default: 10000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals:
    downtime_minutes: coalesce(sum(downtime_minutes), 0)
    excluded_minutes: coalesce(sum(excluded_minutes), 0)
chart: { kind: strip, x: date, y: charge_point_name, id: [charge_point_id, port_id], value: uptime, levels: [0.97, 0.999], opens: station }
---*/
with names as (select station_id as named_point, charge_point_name as name from charge_points)
select station_id as charge_point_id,
       coalesce(name, station_id) as charge_point_name,
       port_id,
       day as date,
       1 - down_micros / nullif(served_micros, 0)::double as uptime,
       down_micros / 60000000::double as downtime_minutes,
       excluded_micros / 60000000::double as excluded_minutes,
       served_micros / 60000000::double as port_minutes,
       1 - sum(down_micros) over (partition by station_id, port_id) / nullif(sum(served_micros) over (partition by station_id, port_id), 0)::double as port_uptime
from port_uptime_days left join names on named_point = station_id
where served_micros > 0
