/*---
title: Utilisation by weekday
summary: "How busy, by day of the week"
description: "Utilisation of every charge point on each day of the week: 7 rows per charge point."
details:
  - >-
    Utilisation is the plugged-in time divided by the available time: all days of that weekday in the period, multiplied by the
    number of connectors.
  - Days are local. Days of 23 or 25 hours count the hours they have.
  - >-
    Sessions, connectors and the period count as in utilisation_by_hour. A session that runs past midnight counts on both days,
    with the time it ran on each.
  - >-
    A session without an end counts until the connector's next session, for open_session_hours at most, and never beyond as_of.
  - Known charge points without sessions are returned with 0.
  - A period of more than 10,000 days is an error.
http: [/api/v1/analytics/utilisation/by-weekday, /v0/pipes/utilisation_by_weekday.json]
params:
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  tz: { description: IANA time zone of dates and weekdays, role: time_zone, default: UTC, example: Europe/Berlin }
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
columns:
  charge_point_id: { description: Charge point }
  weekday: { description: "ISO weekday: 1 is Monday, 7 is Sunday", unit: weekday }
  weekday_name: { description: Name of the weekday in English }
  utilisation: { description: plugged_in_minutes / connector_minutes; empty if the period has no such weekday, unit: share, nullable: true }
  plugged_in_minutes: { description: Plugged-in time on this weekday, unit: minutes }
  charging_minutes: { description: Time connectors reported Charging; empty if the charge point had not reported it by the end of the period, unit: minutes, nullable: true }
  idle_minutes: { description: Time connectors reported SuspendedEV or Finishing after Charging while still plugged in; empty if the charge point had reported neither by the end of the period, unit: minutes, nullable: true }
  connectors: { description: Connectors of the charge point, unit: count }
  connector_minutes: { description: Time of this weekday in the period multiplied by the number of connectors, unit: minutes }
  charge_point_name: { description: "Name, or the ID if no name is known" }
key: [charge_point_id, weekday]
total: [plugged_in_minutes, charging_minutes, idle_minutes, connector_minutes]
sort: { default: charge_point_id, allow: [charge_point_id, charge_point_name, weekday, utilisation, plugged_in_minutes, charging_minutes, idle_minutes] }
page: { kind: limit, default: 7000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_plugged_in_minutes: "coalesce(sum(plugged_in_minutes), 0)" }
chart: { kind: heatmap, x: weekday, y: charge_point_name, id: charge_point_id, value: utilisation, top: 20, opens: station }
---*/
with days as (
  select period_start, period_end, local_date_of_epoch(period_start, $tz::varchar) as first_day,
         unnest(range(0, date_diff('day', local_date_of_epoch(period_start, $tz::varchar), local_date_of_epoch(period_end - 1, $tz::varchar)) + 1)) as n
  from occupied_period
  where period_end > period_start and bounded_buckets(idiv(period_end - period_start, 86400)) is not null
),
local_days as (
  select iso_weekday(first_day + interval (n) day) as weekday_of_day,
         greatest(epoch_of_local_date(first_day + interval (n) day, $tz::varchar), period_start) as day_start,
         least(epoch_of_local_date(first_day + interval (n + 1) day, $tz::varchar), period_end) as day_end
  from days
),
weekday_lengths as (
  select weekday_of_day, sum(day_end - day_start) as weekday_seconds
  from local_days
  where day_end > day_start
  group by weekday_of_day
),
-- The parts of local days in each day of UTC, so that sessions find theirs by an equal join.
numbered_parts as (
  select weekday_of_day, day_start, day_end, unnest(range(idiv(day_start, 86400), idiv(day_end - 1, 86400) + 1)) as utc_day
  from local_days
  where day_end > day_start
),
day_parts as (
  select utc_day as part_day, weekday_of_day as local_weekday, greatest(day_start, utc_day * 86400) as part_start, least(day_end, (utc_day + 1) * 86400) as part_end
  from numbered_parts
),
session_days as (
  select station_id, counted_from, ends, unnest(range(idiv(counted_from, 86400), idiv(ends - 1, 86400) + 1)) as utc_day
  from port_occupancy
  where ends > counted_from
),
status_days as (
  select station_id, is_charging, starts, ends, unnest(range(idiv(starts, 86400), idiv(ends - 1, 86400) + 1)) as utc_day
  from activity_times
  where ends > starts
),
plugged as (
  select station_id, local_weekday, sum(greatest(least(ends, part_end) - greatest(counted_from, part_start), 0)) as plugged_seconds
  from session_days join day_parts on part_day = utc_day
  group by station_id, local_weekday
),
activity as (
  select station_id, local_weekday,
         sum(case when is_charging then greatest(least(ends, part_end) - greatest(starts, part_start), 0) end) as charging_seconds,
         sum(case when not is_charging then greatest(least(ends, part_end) - greatest(starts, part_start), 0) end) as idle_seconds
  from status_days join day_parts on part_day = utc_day
  group by station_id, local_weekday
),
weekdays as (
  select station_id, connector_count, name, unnest(range(1, 8)) as weekday
  from occupied_points
)
select weekdays.station_id as charge_point_id,
       weekday,
       weekday_name_of(weekday) as weekday_name,
       least(coalesce(plugged_seconds, 0), coalesce(weekday_seconds, 0) * connector_count) / nullif(weekday_seconds * connector_count, 0)::double as utilisation,
       least(coalesce(plugged_seconds, 0), coalesce(weekday_seconds, 0) * connector_count) / 60::double as plugged_in_minutes,
       case when charging_events > 0 then coalesce(charging_seconds, 0) / 60::double end as charging_minutes,
       case when idle_events > 0 then coalesce(idle_seconds, 0) / 60::double end as idle_minutes,
       connector_count as connectors,
       coalesce(weekday_seconds, 0) * connector_count / 60::double as connector_minutes,
       name as charge_point_name
from weekdays
  left join weekday_lengths on weekday_of_day = weekday
  left join plugged on plugged.station_id = weekdays.station_id and plugged.local_weekday = weekday
  left join activity on activity.station_id = weekdays.station_id and activity.local_weekday = weekday
  left join activity_support on activity_support.station_id = weekdays.station_id
