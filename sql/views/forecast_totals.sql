/*---
title: Sums forecast
description: >-
  The sum expected of each series over the days of each horizon, and the interval it lies in with the confidence asked for. A
  series of less than 14 days has no numbers. For reports that name their daily series under forecast.
params:
  forecast: { description: What the forecast found, role: forecast }
columns:
  series: { description: What it is of; empty for all together }
  horizon_days: { description: "Days summed, from the first after the history", unit: count }
  value: { description: Sum expected, nullable: true }
  low: { description: Lower end of its interval, nullable: true }
  high: { description: Upper end of its interval, nullable: true }
---*/
select part.series as series, part.horizon_days as horizon_days, part.value as value, part.low as low, part.high as high
from (select unnest(forecast_totals_in($forecast::varchar)) as part) as parts
