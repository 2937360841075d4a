/*---
title: Forecast totals
description: Forecast sum per series and horizon, with the interval for the requested confidence.
details:
  - A series with less than 14 days of history has no values.
  - For reports that name their daily series under forecast.
params:
  forecast: { description: Result of the forecast, role: forecast }
columns:
  series: { description: Charge point or site; empty for the total }
  horizon_days: { description: "Days in the horizon, from the first day after the history", unit: count }
  value: { description: Forecast sum, nullable: true }
  low: { description: Lower bound of the interval, nullable: true }
  high: { description: Upper bound of the interval, nullable: true }
---*/
select part.series as series, part.horizon_days as horizon_days, part.value as value, part.low as low, part.high as high
from (select unnest(parse_forecast_totals($forecast::varchar)) as part) as parts
