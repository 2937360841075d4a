/*---
title: Energy day by day
description: >-
  Energy per series and local day, 0 on days without: of the completed sessions that start on it. From the day of the first
  session, completed or not, to the last day that is over at as_of.
params:
  currency: { description: Only sessions in this currency, example: EUR }
columns:
  series: { description: "Charge point or site, as asked for; empty for all together, and for sessions without a site" }
  day: { description: Local day }
  value: { description: Energy of the completed sessions, unit: kWh }
  active: { description: Charge points with a session on the day or in the 27 days before, unit: count }
---*/
with delivered as (select series as delivered_to, day as delivered_on, sum(energy) as amount from charging_days group by series, day)
select series, day, coalesce(amount, 0)::double as value, active
from active_days left join delivered on delivered_to = series and delivered_on = day
