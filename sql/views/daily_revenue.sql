/*---
title: Revenue day by day
description: >-
  Money taken per series and local day, 0 on days without: the amounts of all sessions that start on it, failed and running
  ones too. From the day of the first session to the last day that is over at as_of.
columns:
  series: { description: "Charge point or site, as asked for; empty for all together, and for sessions without a site" }
  day: { description: Local day }
  value: { description: Amounts of all sessions, unit: currency }
  active: { description: Charge points with a session on the day or in the 27 days before, unit: count }
---*/
with paid as (select series as paid_to, day as paid_on, sum(money) as amount from charging_days group by series, day),
used as (select currency as paid_in from charging_days where money is not null and currency is not null group by currency),
currencies as (select one_currency(count(*), string_agg(paid_in, ', ')) as only_currency from used)
select series, day, coalesce(amount, 0)::double as value, active
-- In this order DuckDB computes of charging_days only what is read.
from active_days left join paid on paid_to = series and paid_on = day cross join currencies
-- Always so: asking for it is what refuses several.
where only_currency is null or only_currency <> ''
