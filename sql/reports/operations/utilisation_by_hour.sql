/*---
title: Utilisation by hour
summary: "How busy, by hour of the day"
description: "Utilisation of every charge point in each hour of the local day: 24 rows per charge point."
details:
  - >-
    Utilisation is the plugged-in time divided by the available time: that hour on all days of the period, multiplied by the
    number of connectors.
  - Days of 23 or 25 hours count the hours they have.
  - All sessions count, with the time they ran in the period.
  - >-
    A session without an end counts until the connector's next session, for open_session_hours at most, and never beyond as_of.
  - >-
    Sessions on several connectors add up. Sessions that overlap at one connector, or at the connectors of one port, count once.
    Sessions without a connector are at the charge point's connector if it has one, else at one of their own.
  - >-
    The connectors are those known for the charge point; connectors of one port count as one. If none are known, the distinct
    connectors of its sessions in the period count, at least 1. plugged_in_minutes never exceeds connector_minutes.
  - >-
    Without from, the period begins with the first selected session. Without to, it ends with the last session end. It never
    extends past as_of.
  - Known charge points without sessions are returned with 0.
  - A period of more than 10,000 days is an error.
http: [/api/v1/analytics/utilisation/by-hour, /v0/pipes/utilisation_by_hour.json]
params:
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  tz: { description: IANA time zone of dates and hours, role: time_zone, default: UTC, example: Europe/Berlin }
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
columns:
  charge_point_id: { description: Charge point }
  hour: { description: Local hour of the day, unit: hour }
  utilisation: { description: plugged_in_minutes / connector_minutes; empty if the period has no such hour, unit: share, nullable: true }
  plugged_in_minutes: { description: Plugged-in time in this hour of the day, unit: minutes }
  charging_minutes: { description: Time connectors reported Charging; empty if the charge point had not reported it by the end of the period, unit: minutes, nullable: true }
  idle_minutes: { description: Time connectors reported SuspendedEV or Finishing after Charging while still plugged in; empty if the charge point had reported neither by the end of the period, unit: minutes, nullable: true }
  connectors: { description: Connectors of the charge point, unit: count }
  connector_minutes: { description: Time of this hour in the period multiplied by the number of connectors, unit: minutes }
  charge_point_name: { description: "Name, or the ID if no name is known" }
key: [charge_point_id, hour]
total: [plugged_in_minutes, charging_minutes, idle_minutes, connector_minutes]
sort: { default: charge_point_id, allow: [charge_point_id, charge_point_name, hour, utilisation, plugged_in_minutes, charging_minutes, idle_minutes] }
page: { kind: limit, default: 24000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_plugged_in_minutes: "coalesce(sum(plugged_in_minutes), 0)" }
chart: { kind: heatmap, x: hour, y: charge_point_name, id: charge_point_id, value: utilisation, top: 20, opens: station }
---*/
with quarters as (
  select period_start, period_end,
         unnest(range(idiv(period_start, 900),
                      case when bounded_buckets(idiv(period_end - period_start, 86400)) is not null then idiv(period_end - 1, 900) + 1 end)) as quarter
  from occupied_period
),
clock as (
  select period_start, period_end, quarter, local_hour_of_epoch(quarter * 900, $tz::varchar) as local_hour,
         local_hour_of_epoch(idiv(quarter, 4) * 3600, $tz::varchar) as local_hour_at_utc_hour
  from quarters
),
hour_lengths as (
  select local_hour, sum(greatest(overlap(period_start, period_end, quarter, 900), 0)) as hour_seconds
  from clock
  group by local_hour
),
-- A slot is a whole hour, or a quarter-hour where the zone is not whole hours from UTC at some time of the period.
slot_width as (select case when count(*) filter (where local_hour <> local_hour_at_utc_hour) = 0 then 3600 else 900 end as width from clock),
slot_hours as (
  select idiv(quarter * 900, width) as slot, min(local_hour) as local_hour_of_slot
  from clock cross join slot_width
  group by idiv(quarter * 900, width)
),
-- Sessions and statuses are cut into slots apart: one pass over both is slower.
session_slots as (
  select station_id, counted_from, ends, width, unnest(range(idiv(counted_from, width), idiv(ends - 1, width) + 1)) as slot
  from port_occupancy cross join slot_width
  where ends > counted_from
),
status_slots as (
  select station_id, is_charging, starts, ends, width, unnest(range(idiv(starts, width), idiv(ends - 1, width) + 1)) as slot
  from activity_times cross join slot_width
  where ends > starts
),
plugged as (
  select station_id, local_hour_of_slot as local_hour, sum(overlap(counted_from, ends, session_slots.slot, width)) as plugged_seconds
  from session_slots join slot_hours on slot_hours.slot = session_slots.slot
  group by station_id, local_hour_of_slot
),
activity as (
  select station_id, local_hour_of_slot as local_hour,
         sum(case when is_charging then overlap(starts, ends, status_slots.slot, width) end) as charging_seconds,
         sum(case when not is_charging then overlap(starts, ends, status_slots.slot, width) end) as idle_seconds
  from status_slots join slot_hours on slot_hours.slot = status_slots.slot
  group by station_id, local_hour_of_slot
),
hours as (
  select station_id, connector_count, name, unnest(range(0, 24)) as hour
  from occupied_points
)
select hours.station_id as charge_point_id,
       hour,
       least(coalesce(plugged_seconds, 0), coalesce(hour_seconds, 0) * connector_count) / nullif(hour_seconds * connector_count, 0)::double as utilisation,
       least(coalesce(plugged_seconds, 0), coalesce(hour_seconds, 0) * connector_count) / 60::double as plugged_in_minutes,
       case when charging_events > 0 then coalesce(charging_seconds, 0) / 60::double end as charging_minutes,
       case when idle_events > 0 then coalesce(idle_seconds, 0) / 60::double end as idle_minutes,
       connector_count as connectors,
       coalesce(hour_seconds, 0) * connector_count / 60::double as connector_minutes,
       name as charge_point_name
from hours
  left join hour_lengths on hour_lengths.local_hour = hours.hour
  left join plugged on plugged.station_id = hours.station_id and plugged.local_hour = hours.hour
  left join activity on activity.station_id = hours.station_id and activity.local_hour = hours.hour
  left join activity_support on activity_support.station_id = hours.station_id
