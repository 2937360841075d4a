/*---
title: Days of each series
description: Every local day of each series of charging_days, with the number of active charge points.
details:
  - Days run from the first session to the last complete day at as_of.
  - A charge point is active if it has a session on that day or in the 27 days before.
columns:
  series: { description: "Charge point or site, as requested; empty for the total, and for sessions without a site" }
  day: { description: Local day }
  active: { description: Charge points with a session on the day or in the 27 days before, unit: count }
---*/
-- A day with a session makes a charge point active for 28 days, or until its next such day starts the count again.
with charging_dates as (
  select series as charging_series, day as charging_day, lead(day, 1, null) over (partition by series, station_id order by day) as next_charging_day
  from charging_days
),
steps as (
  select charging_series, charging_day as step_day, 1 as step from charging_dates
  union all
  select charging_series, least_non_null(bucket_of_date('day', charging_day + interval 28 day), next_charging_day) as step_day, -1 as step from charging_dates
),
changes as (select charging_series as change_series, step_day as change_day, sum(step) as change from steps group by charging_series, step_day),
starts as (select series as start_series, min(day) as first_day from charging_days group by series),
numbered as (
  select start_series, first_day,
         unnest(range(0, date_diff('day', first_day, local_date_of_epoch(epoch_s($as_of::timestamp), $tz::varchar)))) as n
  from starts
),
every_day as (select start_series as series, bucket_of_date('day', first_day + interval (n) day) as day from numbered)
select series, day, round(sum(coalesce(change, 0)) over (partition by series order by day))::bigint as active
from every_day left join changes on change_series = series and change_day = day
