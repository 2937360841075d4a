/*---
title: Daily revenue
description: Revenue per series and local day, 0 on days without sessions.
details:
  - Revenue is the sum of the amounts of all sessions that start on the day, including failed and active ones.
  - Days run from the first session to the last complete day at as_of.
columns:
  series: { description: "Charge point or site, as requested; empty for the total, and for sessions without a site" }
  day: { description: Local day }
  value: { description: Amounts of all sessions, unit: currency }
  active: { description: Charge points with a session on the day or in the 27 days before, unit: count }
---*/
with totals as (select series as total_series, day as total_day, sum(money) as amount from charging_days group by series, day)
select series, day, coalesce(amount, 0)::double as value, active
from active_days left join totals on total_series = series and total_day = day
