/*---
title: Ports in service
description: The time in service of every port within the period.
details:
  - "Without from: the 30 days up to to or as_of."
  - "Columns: station_id, port_id, starts, ends (microseconds since 1970)."
params:
  from: { description: "Start of the period; default: 30 days", role: period_start, example: "2025-01-01" }
  to: { description: "End of the period; a bare date includes the whole day; default: as_of", role: period_end, example: "2025-01-31" }
  as_of: { description: "Point in time the report is computed for; later events are ignored; default: now", role: now, example: "2025-12-31 12:00:00" }
  tz: { description: IANA time zone of the days, role: time_zone, default: UTC, example: Europe/Berlin }
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
)
select station_id, port_id, greatest(period_start, since) as starts, least(period_end, coalesce(until, period_end)) as ends
from units cross join period
where greatest(period_start, since) < least(period_end, coalesce(until, period_end))
