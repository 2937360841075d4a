/*---
title: Daily forecasts
description: Forecast value of each day up to the longest horizon, preceded by the requested number of past days with actual values.
details:
  - Intervals are for single days. Do not add them up.
  - A series with less than 14 days of history has only past days.
  - For reports that name their daily series under forecast.
params:
  forecast: { description: Result of the forecast, role: forecast }
columns:
  series: { description: Charge point or site; empty for the total }
  day: { description: Day }
  actual: { description: Actual value; empty for future days, nullable: true }
  value: { description: Forecast value; empty for past days, nullable: true }
  low: { description: Lower bound of the interval, nullable: true }
  high: { description: Upper bound of the interval, nullable: true }
---*/
select part.series as series, part.day as day, part.actual as actual, part.value as value, part.low as low, part.high as high
from (select unnest(parse_forecast_days($forecast::varchar)) as part) as parts
