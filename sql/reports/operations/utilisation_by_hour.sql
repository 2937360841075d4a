/*---
title: Utilisation by hour
description: >-
  How much of each hour of the local day every charge point was in use, 24 rows each. Utilisation is the time plugged in
  divided by the time there was: the hours of that hour of day in the period, times the connectors of the charge point. A day
  of 23 or 25 hours counts the hours it had. Every session counts, whatever became of it, with the time it ran in the period;
  one still running runs until as_of; sessions of several connectors add up. The connectors are those known of the charge
  point, those of one port counted once; where none are known, the different ones its sessions in the period name, at
  least 1. Without from the period begins with the first session chosen, without to it ends with the last end; it never
  goes beyond as_of. Known charge points without a session are there with 0.
http: [/api/v1/analytics/utilisation/by-hour, /v0/pipes/utilisation_by_hour.json]
params:
  from: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  to: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-01-31" }
  tz: { description: IANA time zone of dates and hours, role: time_zone, default: UTC, example: Europe/Berlin }
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2025-12-31 12:00:00" }
columns:
  charge_point_id: { description: Charge point }
  hour: { description: Hour of the day on the wall clock of the zone, unit: hour }
  utilisation: { description: plugged_in_minutes / connector_minutes; empty where the period has no such hour, unit: share, nullable: true }
  plugged_in_minutes: { description: Time sessions ran in that hour of day, unit: minutes }
  charging_minutes: { description: Time connectors reported Charging; empty where the charge point never did so before the period ends, unit: minutes, nullable: true }
  idle_minutes: { description: "Time connectors reported SuspendedEV or Finishing after Charging in one stay: full, but plugged in; empty where the charge point never reported either before the period ends", unit: minutes, nullable: true }
  connectors: { description: Connectors of the charge point, unit: count }
  connector_minutes: { description: Time of that hour of day in the period times the connectors, unit: minutes }
  charge_point_name: { description: "Its name, or its id where no name is known" }
key: [charge_point_id, hour]
sort: { default: charge_point_id, allow: [charge_point_id, charge_point_name, hour, utilisation, plugged_in_minutes, charging_minutes, idle_minutes] }
page: { kind: limit, default: 24000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_plugged_in_minutes: "coalesce(sum(plugged_in_minutes), 0)" }
chart: { kind: bar, x: hour, y: utilisation }
---*/
with chosen as (
  select station_id as station, connector_id,
         greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time))) as starts,
         least(epoch_s(coalesce(end_time, $as_of::timestamp)), coalesce(epoch_s($to::timestamp) + 1, epoch_s($as_of::timestamp)), epoch_s($as_of::timestamp)) as ends
  from sessions_chosen
  where start_time <= $as_of::timestamp
    and ($to::timestamp is null or start_time <= $to::timestamp)
    and ($from::timestamp is null or end_time is null or end_time >= $from::timestamp)
    and (end_time is null or in_period(start_time, end_time, $from::timestamp, $to::timestamp, 'spread'))
),
used as (
  select station, connector_id as connector, min(starts) as first_start, max(ends) as last_end
  from chosen
  group by station, connector_id
),
bounds as (
  select coalesce(epoch_s($from::timestamp), min(first_start)) as period_start,
         least(coalesce(epoch_s($to::timestamp) + 1, max(last_end)), epoch_s($as_of::timestamp)) as period_end
  from used
),
quarters as (
  select period_start, period_end, unnest(range(idiv(period_start, 900), idiv(period_end - 1, 900) + 1)) as quarter
  from bounds
),
clock as (
  select period_start, period_end, quarter, local_hour_of_epoch(quarter * 900, $tz::varchar) as local_hour,
         local_hour_of_epoch(idiv(quarter, 4) * 3600, $tz::varchar) as utc_hour_begins_in
  from quarters
),
time_there as (
  select local_hour, sum(greatest(least(period_end, (quarter + 1) * 900) - greatest(period_start, quarter * 900), 0)) as hour_seconds
  from clock
  group by local_hour
),
-- Sessions are cut at whole hours, and at quarter-hours only where the zone was off by other than whole hours.
cut as (select case when count(*) filter (where local_hour <> utc_hour_begins_in) = 0 then 3600 else 900 end as slot_seconds from clock),
hour_of_slot as (
  select idiv(quarter * 900, slot_seconds) as clock_slot, slot_seconds as seconds_each, min(local_hour) as slot_hour
  from clock cross join cut
  group by idiv(quarter * 900, slot_seconds), slot_seconds
),
slots as (
  select station, starts, ends, unnest(range(idiv(starts, slot_seconds), idiv(ends - 1, slot_seconds) + 1)) as slot
  from chosen cross join cut
  where ends > starts
),
plugged as (
  select station as plugged_station, slot_hour as plugged_hour,
         sum(least(ends, (slot + 1) * seconds_each) - greatest(starts, slot * seconds_each)) as plugged_seconds
  from slots join hour_of_slot on clock_slot = slot
  group by station, slot_hour
),
told as (
  select station_id as station, event_time,
         lead(event_time, 1, null) over (partition by station_id, connector_id order by event_time, event_id) as next_time,
         same_word(status, 'charging') as is_charging,
         same_word(status, 'suspendedev') or same_word(status, 'finishing') as is_idle,
         -- What the stay began as: a pause of the charger, or of a full car, does not change it.
         last_value(case when same_word(status, 'charging') then true
                         when not (same_word(status, 'suspendedev') or same_word(status, 'suspendedevse') or same_word(status, 'finishing')) then false end ignore nulls)
           over (partition by station_id, connector_id order by event_time, event_id rows between unbounded preceding and current row) as has_charged
  from events_chosen
  where status is not null and coalesce(connector_id, '0') <> '0'
    and ($to::timestamp is null or event_time <= $to::timestamp)
),
reporting as (
  select station as told_station, count(*) filter (where is_charging) as told_charging, count(*) filter (where is_idle) as told_idle
  from told
  group by station
),
stretches as (
  select station as stretch_station, is_charging as counts_as_charging,
         greatest(epoch_s(event_time), period_start) as stretch_starts,
         least(coalesce(epoch_s(next_time), period_end), period_end) as stretch_ends
  from told cross join bounds
  where is_charging or (is_idle and has_charged)
),
stretch_slots as (
  select stretch_station, counts_as_charging, stretch_starts, stretch_ends,
         unnest(range(idiv(stretch_starts, slot_seconds), idiv(stretch_ends - 1, slot_seconds) + 1)) as stretch_slot
  from stretches cross join cut
  where stretch_ends > stretch_starts
),
drawing as (
  select stretch_station as drawing_station, slot_hour as drawing_hour,
         sum(case when counts_as_charging then least(stretch_ends, (stretch_slot + 1) * seconds_each) - greatest(stretch_starts, stretch_slot * seconds_each) end) as charging_seconds,
         sum(case when not counts_as_charging then least(stretch_ends, (stretch_slot + 1) * seconds_each) - greatest(stretch_starts, stretch_slot * seconds_each) end) as idle_seconds
  from stretch_slots join hour_of_slot on clock_slot = stretch_slot
  group by stretch_station, slot_hour
),
known_ports as (
  select station_id as port_station, count(distinct coalesce('port ' || evse_id, connector_id)) as ports
  from connectors
  group by station_id
),
seen as (select station as seen_station, count(connector) as seen_connectors from used group by station),
listed as (
  select station_id as listed_station, charge_point_name as given_name
  from charge_points
  where ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
points as (
  select coalesce(seen_station, listed_station) as point, max(seen_connectors) as used_connectors
  from seen full join listed on seen_station = listed_station
  group by coalesce(seen_station, listed_station)
),
names as (select station_id as named_id, charge_point_name as point_name from charge_points),
hours as (
  select point, coalesce(ports, greatest(used_connectors, 1), 1) as point_connectors, coalesce(point_name, point) as shown_name, unnest(range(0, 24)) as hour_of_day
  from points left join known_ports on port_station = point left join names on named_id = point
)
select point as charge_point_id,
       hour_of_day as hour,
       coalesce(plugged_seconds, 0) / nullif(hour_seconds * point_connectors, 0)::double as utilisation,
       coalesce(plugged_seconds, 0) / 60::double as plugged_in_minutes,
       case when told_charging > 0 then coalesce(charging_seconds, 0) / 60::double end as charging_minutes,
       case when told_idle > 0 then coalesce(idle_seconds, 0) / 60::double end as idle_minutes,
       point_connectors as connectors,
       coalesce(hour_seconds, 0) * point_connectors / 60::double as connector_minutes,
       shown_name as charge_point_name
from hours left join time_there on local_hour = hour_of_day
  left join plugged on plugged_station = point and plugged_hour = hour_of_day
  left join reporting on told_station = point
  left join drawing on drawing_station = point and drawing_hour = hour_of_day
