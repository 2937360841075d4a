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
extent as (
  select local_date_of_epoch(idiv(min(starts), 1000000), $tz::varchar) as first_day,
         local_date_of_epoch(idiv(max(ends) - 1, 1000000), $tz::varchar) as last_day
  from in_service
),
numbers as (
  select first_day, unnest(range(0, bounded_buckets(date_diff('day', first_day, last_day) + 1))) as n
  from extent
  where first_day is not null
),
days as (
  select n as day_number, bucket_of_date('day', first_day + interval (n) day) as day,
         epoch_of_local_date(first_day + interval (n) day, $tz::varchar) * 1000000 as day_start,
         epoch_of_local_date(first_day + interval (n + 1) day, $tz::varchar) * 1000000 as day_end
  from numbers
),
service_numbers as (
  select starts, ends,
         unnest(range(date_diff('day', first_day, local_date_of_epoch(idiv(starts, 1000000), $tz::varchar)),
                      date_diff('day', first_day, local_date_of_epoch(idiv(ends - 1, 1000000), $tz::varchar)) + 1)) as n
  from in_service cross join extent
),
served as (
  select n as served_number, count(*) as port_count, sum(least(ends, day_end) - greatest(starts, day_start)) as served_micros
  from service_numbers join days on day_number = n
  group by n
),
cut_downtimes as (
  select is_excluded, greatest(epoch_micros(down_from), starts) as down_start, least(epoch_micros(down_to), ends) as down_end
  from downtimes join in_service on downtimes.station_id = in_service.station_id and coalesce(downtimes.port_id, '') = coalesce(in_service.port_id, '')
  where is_port and epoch_micros(down_from) < ends and epoch_micros(down_to) > starts
),
down_numbers as (
  select is_excluded, down_start, down_end,
         unnest(range(date_diff('day', first_day, local_date_of_epoch(idiv(down_start, 1000000), $tz::varchar)),
                      date_diff('day', first_day, local_date_of_epoch(idiv(down_end - 1, 1000000), $tz::varchar)) + 1)) as n
  from cut_downtimes cross join extent
),
lost as (
  select n as lost_number, sum(least(down_end, day_end) - greatest(down_start, day_start)) as down_micros,
         sum(case when is_excluded then least(down_end, day_end) - greatest(down_start, day_start) else 0 end) as excluded_micros
  from down_numbers join days on day_number = n
  group by n
)
select day as date,
       1 - coalesce(down_micros, 0) / nullif(served_micros, 0)::double as uptime,
       coalesce(down_micros, 0) / 60000000::double as downtime_minutes,
       coalesce(excluded_micros, 0) / 60000000::double as excluded_minutes,
       coalesce(port_count, 0) as ports,
       coalesce(served_micros, 0) / 60000000::double as port_minutes
from days
  left join served on served_number = day_number
  left join lost on lost_number = day_number
where day_end > day_start
