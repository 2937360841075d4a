/*---
title: Days forecast
description: >-
  Each day to the end of the longest horizon with what is expected of it, and before them as many days of history as are asked
  for with what was measured. The interval is of the day alone: those of days do not add up to that of their sum. A series of
  less than 14 days has history alone. For reports that name their daily series under forecast.
params:
  forecast: { description: What the forecast found, role: forecast }
columns:
  series: { description: What it is of; empty for all together }
  day: { description: Day }
  actual: { description: What was measured; empty on days to come, nullable: true }
  value: { description: What is expected; empty on days that are over, nullable: true }
  low: { description: Lower end of its interval, nullable: true }
  high: { description: Upper end of its interval, nullable: true }
---*/
select part.series as series, part.day as day, part.actual as actual, part.value as value, part.low as low, part.high as high
from (select unnest(forecast_days_in($forecast::varchar)) as part) as parts
