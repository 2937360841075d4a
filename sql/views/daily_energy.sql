/*---
title: Daily energy
description: Energy of completed sessions per series and local day, 0 on days without sessions.
details:
  - Days run from the first session, completed or not, to the last complete day at as_of.
  - Sessions count on the day they start.
columns:
  series: { description: "Charge point or site, as requested; empty for the total, and for sessions without a site" }
  day: { description: Local day }
  value: { description: Energy of the completed sessions, unit: kWh }
  active: { description: Charge points with a session on the day or in the 27 days before, unit: count }
---*/
with totals as (select series as total_series, day as total_day, sum(energy) as amount from charging_days group by series, day)
select series, day, coalesce(amount, 0)::double as value, active
from active_days left join totals on total_series = series and total_day = day
