/*---
title: Energy by time of day
description: >-
  Average energy delivered in each hour of the day, all 24 of them. The energy of every completed session that starts
  in the period is spread evenly over the seconds it ran, so a session from 07:40 to 08:20 gives half to hour 7 and half
  to hour 8. Divided by the calendar days of the period in the zone asked for; without from it begins with the day of the
  first session chosen, without to it ends with the day of the last start. 24 hours times days is the period's energy.
http: /api/v1/analytics/energy/by-time-of-day
params:
  from: { description: First session start counted, role: period_start, example: "2025-01-01" }
  to: { description: Last session start counted; a bare date counts whole, role: period_end, example: "2025-01-31" }
  charge_point_id: { description: Only this charge point, example: cp_007 }
  project_id: { description: Only this site, example: site_03 }
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
with chosen as (
  select energy_kwh, epoch_s(start_time) as starts, greatest(epoch_s(end_time), epoch_s(start_time) + 1) as ends
  from charging_sessions
  where is_completed(start_time, end_time, energy_kwh, status)
    and ($from::timestamp is null or start_time >= $from::timestamp)
    and ($to::timestamp is null or start_time <= $to::timestamp)
    and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
-- Zones differ from UTC by whole quarter-hours, so energy is summed by quarter-hour and only the sums are moved into the zone.
slots as (
  select energy_kwh, starts, ends, unnest(range(idiv(starts, 900), idiv(ends - 1, 900) + 1)) as slot
  from chosen
),
quarters as (
  select slot, sum(energy_kwh * (least(ends, (slot + 1) * 900) - greatest(starts, slot * 900)) / nullif(ends - starts, 0)::double) as energy
  from slots
  group by slot
),
by_hour as (
  select local_hour_of_epoch(slot * 900, $tz::varchar) as local_hour, sum(energy) as hour_energy
  from quarters
  group by local_hour_of_epoch(slot * 900, $tz::varchar)
),
period as (
  select date_diff('day',
           local_date_of_epoch(coalesce(epoch_s($from::timestamp), min(starts)), $tz::varchar),
           local_date_of_epoch(coalesce(epoch_s($to::timestamp), max(starts)), $tz::varchar)) + 1 as days
  from chosen
),
hours as (select unnest(range(0, 24)) as hour)
select hour, coalesce(hour_energy / nullif(days, 0)::double, 0) as avg_energy_kwh
from hours cross join period left join by_hour on hour = local_hour
