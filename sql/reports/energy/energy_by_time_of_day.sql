/*---
title: Energy by time of day
summary: When energy is delivered
description: Average energy of completed sessions in each of the 24 hours of the local day.
details:
  - "The energy of a session is spread evenly over its duration: a session from 07:40 to 08:20 adds half to hour 7 and half to hour 8."
  - >-
    The average is per calendar day of the period, without days before the first or after the last session of all charge points.
    The 24 averages multiplied by the number of days are the energy of the period.
  - Without from, the period begins on the day of the first session start. Without to, it ends on the day of the last one.
  - With by=end, the days of the session ends count instead; with by=spread, the first and last day on which a session ran.
http: [/api/v1/analytics/energy/by-time-of-day, /v0/pipes/energy_by_time_of_day.json]
params:
  tz: { description: IANA time zone of dates and hours, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  hour: { description: Local hour of the day, unit: hour }
  avg_energy_kwh: { description: Energy in this hour per day of the period, unit: kWh }
key: [hour]
sort: { default: hour, allow: [hour, avg_energy_kwh] }
page: { kind: none }
answer: { shape: list, key: data, echo: [from, to] }
chart: { kind: bar, x: hour, y: avg_energy_kwh }
---*/
-- A slot is an hour of UTC; for other zones, which differ from UTC by whole quarter-hours, it is a quarter-hour.
with session_times as (
  select energy_kwh, energy, session_end_s(start_time, end_time) - epoch_s(start_time) as seconds,
         case $by::varchar when 'spread' then greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time)))
              else epoch_s(start_time) end as starts,
         case $by::varchar when 'spread' then least(session_end_s(start_time, end_time), coalesce(epoch_s($to::timestamp) + 1, session_end_s(start_time, end_time)))
              else session_end_s(start_time, end_time) end as ends,
         epoch_s(end_time) as end_second,
         case $tz::varchar when 'UTC' then 3600 else 900 end as width
  from sessions_in_period
  where completed
),
slotted as (
  select energy_kwh, energy, seconds, starts, ends, width,
         idiv(starts, width) as first_slot,
         idiv(greatest(ends - 1, starts), width) as last_slot,
         case $by::varchar when 'end' then end_second else starts end as first_second,
         case $by::varchar when 'start' then starts when 'end' then end_second else greatest(ends - 1, starts) end as last_second
  from session_times
),
-- Sessions with the same first and last slot are added up before they are spread. The slots of a group add up to its
-- energy, in millionths of a kWh.
same_span as (
  select first_slot, last_slot, min(first_second) as earliest, max(last_second) as latest,
         sum(millionths_of_part(energy, 1, 1)) as total_energy,
         sum(millionths_of_part(energy_kwh, least(ends, (first_slot + 1) * width) - starts, seconds)) as first_energy,
         sum(millionths_of_part(energy_kwh, ends - last_slot * width, seconds)) as last_energy
  from slotted
  group by first_slot, last_slot
),
spans as (
  select first_slot, last_slot, total_energy,
         case when first_slot = last_slot then total_energy else first_energy end as energy_of_first,
         case when last_slot > first_slot + 1 then round((total_energy - first_energy - last_energy) / nullif(last_slot - first_slot - 1, 0)::double) else 0 end as energy_between
  from same_span
),
parts as (
  select first_slot, last_slot, energy_of_first, energy_between,
         total_energy - energy_of_first - energy_between * greatest(last_slot - first_slot - 1, 0) as energy_of_last,
         unnest(range(first_slot, last_slot + 1)) as slot
  from spans
),
slots as (
  select slot * case $tz::varchar when 'UTC' then 3600 else 900 end as slot_start,
         sum(case slot when first_slot then energy_of_first when last_slot then energy_of_last else energy_between end) as slot_energy
  from parts
  group by slot
),
by_hour as (
  select local_hour_of_epoch(slot_start, $tz::varchar) as local_hour, sum(slot_energy) as hour_energy
  from slots
  group by local_hour_of_epoch(slot_start, $tz::varchar)
),
period as (
  select date_diff('day',
           local_date_of_epoch(coalesce(min(limit_from), min(earliest)), $tz::varchar),
           local_date_of_epoch(coalesce(max(limit_to), max(latest)), $tz::varchar)) + 1 as days
  from same_span cross join period_in_data
),
hours as (select unnest(range(0, 24)) as hour)
select hour, coalesce(hour_energy / 1000000::double / nullif(days, 0)::double, 0) as avg_energy_kwh
from hours cross join period left join by_hour on hour = local_hour
