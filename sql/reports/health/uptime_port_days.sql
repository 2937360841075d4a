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
  select station_id, port_id, starts, ends,
         unnest(range(date_diff('day', first_day, local_date_of_epoch(idiv(starts, 1000000), $tz::varchar)),
                      date_diff('day', first_day, local_date_of_epoch(idiv(ends - 1, 1000000), $tz::varchar)) + 1)) as n
  from in_service cross join extent
),
served as (
  select station_id, port_id, n as served_number, sum(least(ends, day_end) - greatest(starts, day_start)) as served_micros
  from service_numbers join days on day_number = n
  group by station_id, port_id, n
),
cut_downtimes as (
  select downtimes.station_id, downtimes.port_id, is_excluded, greatest(epoch_micros(down_from), starts) as down_start, least(epoch_micros(down_to), ends) as down_end
  from downtimes join in_service on downtimes.station_id = in_service.station_id and coalesce(downtimes.port_id, '') = coalesce(in_service.port_id, '')
  where is_port and epoch_micros(down_from) < ends and epoch_micros(down_to) > starts
),
down_numbers as (
  select station_id, port_id, is_excluded, down_start, down_end,
         unnest(range(date_diff('day', first_day, local_date_of_epoch(idiv(down_start, 1000000), $tz::varchar)),
                      date_diff('day', first_day, local_date_of_epoch(idiv(down_end - 1, 1000000), $tz::varchar)) + 1)) as n
  from cut_downtimes cross join extent
),
lost as (
  select station_id, port_id, n as lost_number, sum(least(down_end, day_end) - greatest(down_start, day_start)) as down_micros,
         sum(case when is_excluded then least(down_end, day_end) - greatest(down_start, day_start) else 0 end) as excluded_micros
  from down_numbers join days on day_number = n
  group by station_id, port_id, n
),
port_days as (
  select served.station_id, served.port_id, served_number, served_micros, coalesce(down_micros, 0) as lost_micros, coalesce(excluded_micros, 0) as exempt_micros
  from served left join lost
    on lost.station_id = served.station_id and coalesce(lost.port_id, '') = coalesce(served.port_id, '') and lost_number = served_number
  where served_micros > 0
),
names as (select station_id as named_point, charge_point_name as name from charge_points)
select station_id as charge_point_id,
       coalesce(name, station_id) as charge_point_name,
       port_id,
       day as date,
       1 - lost_micros / nullif(served_micros, 0)::double as uptime,
       lost_micros / 60000000::double as downtime_minutes,
       exempt_micros / 60000000::double as excluded_minutes,
       served_micros / 60000000::double as port_minutes,
       1 - sum(lost_micros) over (partition by station_id, port_id) / nullif(sum(served_micros) over (partition by station_id, port_id), 0)::double as port_uptime
from port_days join days on day_number = served_number
  left join names on named_point = station_id
