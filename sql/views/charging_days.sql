/*---
title: Charging by local day
description: Amounts, energy and number of sessions per charge point and local day that is complete at as_of.
details:
  - Amounts cover all sessions that start on the day, including failed and active ones. Energy and session count cover completed sessions.
  - Sessions that start after as_of, or ten years or more before it, are ignored.
  - A day without sessions has no row.
params:
  as_of: { description: "Point in time of the forecast; later sessions are ignored; default: now", role: now, example: "2025-12-31" }
  tz: { description: IANA time zone of the days, role: time_zone, default: UTC, example: Europe/Berlin }
  by: { description: "One series per charge point or per site; default: one series in total", choices: [charge_point, project] }
columns:
  series: { description: "Charge point or site, as requested; empty for the total, and for sessions without a site" }
  station_id: { description: Charge point }
  day: { description: Local day }
  money: { description: "Amounts of all sessions, in the currency of the answer; empty if none has an amount", unit: currency, nullable: true }
  energy: { description: Energy of the completed sessions, unit: kWh }
  sessions: { description: Completed sessions, unit: count }
---*/
-- Zones differ from UTC by whole quarter-hours, so only quarter-hours are converted, not every session; UTC needs no conversion.
with spans as (
  select idiv(epoch_s(min(start_time)), 900) as first_quarter, idiv(epoch_s(max(start_time)), 900) as last_quarter
  from filtered_amounts
  where $tz::varchar <> 'UTC' and start_time <= $as_of::timestamp and start_time >= $as_of::timestamp - interval 10 year
),
quarters as (select unnest(range(first_quarter, last_quarter + 1)) as quarter from spans),
local_days as (select quarter, local_date_of_epoch(quarter * 900, $tz::varchar) as local_day from quarters),
sessions_in_history as (
  select *
  from filtered_amounts
  where start_time <= $as_of::timestamp and start_time >= $as_of::timestamp - interval 10 year
),
local_sessions as (
  select station_id, site_id, cast(start_time as date) as local_day, amount, energy_kwh,
         is_completed(start_time, end_time, energy_kwh, status) as completed
  from sessions_in_history
  where $tz::varchar = 'UTC'
  union all
  select station_id, site_id, local_day, amount, energy_kwh,
         is_completed(start_time, end_time, energy_kwh, status) as completed
  from sessions_in_history join local_days on idiv(epoch_s(start_time), 900) = quarter
  where $tz::varchar <> 'UTC'
),
daily_totals as (
  select station_id as charge_point, case $by::varchar when 'project' then site_id end as session_site, local_day,
         sum(amount) as total_amount,
         sum(energy_kwh) filter (where completed) as total_energy,
         count(*) filter (where completed) as completed_sessions
  from local_sessions
  where local_day < local_date_of_epoch(epoch_s($as_of::timestamp), $tz::varchar)
    -- Only part of the day ten years before is in range, so it is left out.
    and local_day > local_date_of_epoch(epoch_s($as_of::timestamp - interval 10 year), $tz::varchar)
  group by station_id, case $by::varchar when 'project' then site_id end, local_day
),
points as (select station_id as point_id, site_id as site_of_point from charge_points)
select coalesce(case $by::varchar when 'charge_point' then charge_point when 'project' then coalesce(session_site, site_of_point) end, '') as series,
       charge_point as station_id, local_day as day,
       total_amount as money, coalesce(total_energy, 0) as energy, completed_sessions as sessions
from daily_totals left join points on point_id = charge_point
