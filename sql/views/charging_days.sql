/*---
title: Local days of charging
description: >-
  What each charge point took on each local day that is over at as_of: the money of all sessions that start on it, failed and
  running ones too, and energy and number of the completed ones. A completed session has an end that is not before its start,
  delivered energy, and is not marked failed or invalid. Sessions that start after as_of do not exist, and days
  ten years before it or more are not looked at. Currencies stand apart; a day without a session has no row.
params:
  as_of: { description: "Moment up to which sessions are known; the clock where none is given", role: now, example: "2025-12-31" }
  tz: { description: IANA time zone of the days, role: time_zone, default: UTC, example: Europe/Berlin }
  by: { description: "A series of its own for each charge point, or for each site (the session's own, or where it has none that of its charge point); one for all together where none is asked for", choices: [charge_point, project] }
  currency: { description: Only sessions in this currency; needed where several are mixed, example: EUR }
columns:
  series: { description: "Charge point or site, as asked for; empty for all together, and for sessions without a site" }
  station_id: { description: Charge point }
  day: { description: Local day }
  currency: { description: Currency of the amounts, nullable: true }
  money: { description: Amounts of all sessions; empty where none has one, unit: currency, nullable: true }
  energy: { description: Energy of the completed sessions, unit: kWh }
  sessions: { description: Completed sessions, unit: count }
---*/
-- Days of UTC are read off; other zones differ from it by whole quarter-hours, so only these are moved into the zone.
with spans as (
  select idiv(epoch_s(min(start_time)), 900) as first_quarter, idiv(epoch_s(max(start_time)), 900) as last_quarter
  from sessions_chosen
  where $tz::varchar <> 'UTC' and start_time <= $as_of::timestamp and start_time >= $as_of::timestamp - interval 10 year
),
quarters as (select unnest(range(first_quarter, last_quarter + 1)) as quarter from spans),
local_days as (select quarter, local_date_of_epoch(quarter * 900, $tz::varchar) as local_day from quarters),
known as (
  select *
  from sessions_chosen
  where start_time <= $as_of::timestamp and start_time >= $as_of::timestamp - interval 10 year
    and ($currency::varchar is null or currency = $currency::varchar)
),
placed as (
  select station_id, site_id, currency, cast(start_time as date) as local_day, amount_paid, energy_kwh,
         is_completed(start_time, end_time, energy_kwh, status) as completed
  from known
  where $tz::varchar = 'UTC'
  union all
  select station_id, site_id, currency, local_day, amount_paid, energy_kwh,
         is_completed(start_time, end_time, energy_kwh, status) as completed
  from known join local_days on idiv(epoch_s(start_time), 900) = quarter
  where $tz::varchar <> 'UTC'
),
taken as (
  select station_id as point, case $by::varchar when 'project' then site_id end as own_site, local_day, currency as paid_in,
         sum(amount_paid) as amount,
         sum(energy_kwh) filter (where completed) as delivered,
         count(*) filter (where completed) as completed_sessions
  from placed
  where local_day < local_date_of_epoch(epoch_s($as_of::timestamp), $tz::varchar)
    -- The day ten years before is cut in two.
    and local_day > local_date_of_epoch(epoch_s($as_of::timestamp - interval 10 year), $tz::varchar)
  group by station_id, case $by::varchar when 'project' then site_id end, local_day, currency
),
points as (select station_id as point_id, site_id as point_site from charge_points)
select coalesce(case $by::varchar when 'charge_point' then point when 'project' then coalesce(own_site, point_site) end, '') as series,
       point as station_id, local_day as day, paid_in as currency,
       amount as money, coalesce(delivered, 0) as energy, completed_sessions as sessions
from taken left join points on point_id = point
