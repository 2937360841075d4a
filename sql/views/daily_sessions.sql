/*---
title: Sessions day by day
description: >-
  Completed sessions per series and local day, 0 on days without: those that start on it. From the day of the first session,
  completed or not, to the last day that is over at as_of.
params:
  currency: { description: Only sessions in this currency, example: EUR }
columns:
  series: { description: "Charge point or site, as asked for; empty for all together, and for sessions without a site" }
  day: { description: Local day }
  value: { description: Completed sessions, unit: count }
  active: { description: Charge points with a session on the day or in the 27 days before, unit: count }
---*/
with begun as (select series as begun_in, day as begun_on, sum(sessions) as amount from charging_days group by series, day)
select series, day, coalesce(amount, 0)::double as value, active
from active_days left join begun on begun_in = series and begun_on = day
