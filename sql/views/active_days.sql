/*---
title: Days of each series
description: >-
  Every local day of each series of charging_days, from the day of its first session to the last day that is over at as_of,
  with the charge points active on it: those with a session on that day or on one of the 27 days before.
columns:
  series: { description: "Charge point or site, as asked for; empty for all together, and for sessions without a site" }
  day: { description: Local day }
  active: { description: Charge points with a session on the day or in the 27 days before, unit: count }
---*/
-- A charge point is active from a day with a session on, for 28 days or until the next such day, from which it is anew.
with used as (
  select series as used_in, day as used_on, lead(day, 1, null) over (partition by series, station_id order by day) as used_next
  from charging_days
),
steps as (
  select used_in, used_on as step_on, 1 as step from used
  union all
  select used_in, least_known(bucket_of_date('day', used_on + interval 28 day), used_next) as step_on, -1 as step from used
),
changes as (select used_in as changed_in, step_on as changed_on, sum(step) as change from steps group by used_in, step_on),
begun as (select series as begun_series, min(day) as first_day from charging_days group by series),
numbered as (
  select begun_series, first_day,
         unnest(range(0, date_diff('day', first_day, local_date_of_epoch(epoch_s($as_of::timestamp), $tz::varchar)))) as n
  from begun
),
every_day as (select begun_series as series, bucket_of_date('day', first_day + interval (n) day) as day from numbered)
select series, day, round(sum(coalesce(change, 0)) over (partition by series order by day))::bigint as active
from every_day left join changes on changed_in = series and changed_on = day
