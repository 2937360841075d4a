/*---
title: Energy by time of day
description: >-
  Average energy delivered in each hour of the day, all 24 of them. The energy of every completed session that starts
  in the period is spread evenly over the seconds it ran, so a session from 07:40 to 08:20 gives half to hour 7 and half
  to hour 8; with by=end that of every one that ends in the period; with by=spread what lies in the period counts.
  Divided by the calendar days of the period in the zone asked for; without from it begins with the day of the first
  start, without to it ends with the day of the last one; by=end goes by the ends, by=spread by the first and last day
  a session chosen ran. 24 hours times days is the period's energy.
http: [/api/v1/analytics/energy/by-time-of-day, /v0/pipes/energy_by_time_of_day.json]
params:
  tz: { description: IANA time zone of dates and hours, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  hour: { description: Hour of the day on the wall clock of the zone, unit: hour }
  avg_energy_kwh: { description: Energy of that hour per day of the period, unit: kWh }
key: [hour]
sort: { default: hour, allow: [hour, avg_energy_kwh] }
page: { kind: none }
answer: { shape: list, key: data, echo: [from, to] }
chart: { kind: bar, x: hour, y: avg_energy_kwh }
---*/
-- Hours of UTC are slots of their own; other zones differ from it by whole quarter-hours, so only their sums are moved into the zone.
with chosen as (
  select energy_kwh,
         session_end_s(start_time, end_time) - epoch_s(start_time) as seconds,
         case $by::varchar when 'spread' then greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time)))
              else epoch_s(start_time) end as starts,
         case $by::varchar when 'spread' then least(session_end_s(start_time, end_time), coalesce(epoch_s($to::timestamp) + 1, session_end_s(start_time, end_time)))
              else session_end_s(start_time, end_time) end as ends,
         epoch_s(end_time) as ended,
         case $tz::varchar when 'UTC' then 3600 else 900 end as width
  from sessions_in_period
  where completed
),
placed as (
  select energy_kwh, seconds, starts, ends, width,
         idiv(starts, width) as first_slot,
         idiv(greatest(ends - 1, starts), width) as last_slot,
         case $by::varchar when 'end' then ended else starts end as first_told,
         case $by::varchar when 'start' then starts when 'end' then ended else greatest(ends - 1, starts) end as last_told
  from chosen
),
-- Sessions that run in the same slots are shared out together.
alike as (
  select first_slot, last_slot, min(first_told) as earliest, max(last_told) as latest,
         sum(energy_kwh * (least(ends, (first_slot + 1) * width) - starts) / nullif(seconds, 0)::double) as first_energy,
         sum(energy_kwh * width / nullif(seconds, 0)::double) as middle_energy,
         sum(energy_kwh * (ends - last_slot * width) / nullif(seconds, 0)::double) as last_energy
  from placed
  group by first_slot, last_slot
),
parts as (
  select first_slot, last_slot, first_energy, middle_energy, last_energy, unnest(range(first_slot, last_slot + 1)) as slot
  from alike
),
slots as (
  select slot * case $tz::varchar when 'UTC' then 3600 else 900 end as slot_starts,
         sum(case slot when first_slot then first_energy when last_slot then last_energy else middle_energy end) as energy
  from parts
  group by slot
),
by_hour as (
  select local_hour_of_epoch(slot_starts, $tz::varchar) as local_hour, sum(energy) as hour_energy
  from slots
  group by local_hour_of_epoch(slot_starts, $tz::varchar)
),
period as (
  select date_diff('day',
           local_date_of_epoch(coalesce(epoch_s($from::timestamp), min(earliest)), $tz::varchar),
           local_date_of_epoch(coalesce(epoch_s($to::timestamp), max(latest)), $tz::varchar)) + 1 as days
  from alike
),
hours as (select unnest(range(0, 24)) as hour)
select hour, coalesce(hour_energy / nullif(days, 0)::double, 0) as avg_energy_kwh
from hours cross join period left join by_hour on hour = local_hour
