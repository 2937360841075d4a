/*---
title: Uptime by day
summary: Uptime on each day
listing: helper
description: Uptime of all ports on each local day, with their downtime.
details:
  - "Uptime is 1 - downtime / time in service, added up over the ports. Nothing is excluded; excluded_minutes says how much could be."
  - >-
    A port is down while its charge point is offline, faulted or unavailable as a whole, or while all connectors of the port are
    faulted or unavailable. Overlapping causes count once.
  - "Only time in service counts: from the first event, or opened_at if later, to closed_at or as_of, within the period."
  - "Days are local, and those of 23 or 25 hours count the hours they have. Without from: the 30 days up to to or as_of."
  - >-
    Days begin with the first, and end with the last on which a port is in service. Days between them without any are returned
    with 0. More than 10,000 days are an error.
  - A charge point without known connectors counts as one port. One that was never heard from does not count.
http: [/api/v1/analytics/fleet/uptime-days, /v0/pipes/uptime_days.json]
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
  date: { description: Local day }
  uptime: { description: 1 - downtime_minutes / port_minutes; empty without ports, unit: share, nullable: true }
  downtime_minutes: { description: "Downtime of the ports, added up", unit: minutes }
  excluded_minutes: { description: Part of the downtime that events mark as outside the operator's control, unit: minutes }
  ports: { description: Ports in service on any part of the day, unit: count }
  port_minutes: { description: "Time in service of the ports, added up", unit: minutes }
key: [date]
total: [downtime_minutes, excluded_minutes, port_minutes]
sort: { default: date, allow: [date, uptime, downtime_minutes, excluded_minutes, ports, port_minutes] }
page: { kind: limit, default: 10000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals:
    network_uptime: "1 - coalesce(sum(downtime_minutes), 0) / nullif(coalesce(sum(port_minutes), 0), 0)::double"
    downtime_minutes: coalesce(sum(downtime_minutes), 0)
    excluded_minutes: coalesce(sum(excluded_minutes), 0)
chart:
  - { kind: line, x: date, y: uptime, more: [downtime_minutes, ports] }
  - { name: days, kind: strip, x: date, value: uptime, levels: [0.97, 0.999] }
---*/
select day as date,
       1 - sum(down_micros) / nullif(sum(served_micros), 0)::double as uptime,
       sum(down_micros) / 60000000::double as downtime_minutes,
       sum(excluded_micros) / 60000000::double as excluded_minutes,
       count(station_id) as ports,
       sum(served_micros) / 60000000::double as port_minutes
from port_uptime_days
group by day
