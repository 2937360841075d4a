/*---
title: How sums were forecast
description: >-
  The forecast_totals with what they were made from and how well they would have done: for every series and horizon the past
  is forecast the same way, from days of the history on which only the days before are known. A series of less than 14 days
  has no numbers. For reports that name their daily series under forecast.
params:
  forecast: { description: What the forecast found, role: forecast }
columns:
  series: { description: What it is of; empty for all together }
  horizon_days: { description: "Days summed, from the first after the history", unit: count }
  model: { description: How the points were found, nullable: true }
  history_from: { description: First day of the history used }
  history_to: { description: Last day of the history used }
  history_days: { description: Days of history used, unit: count }
  active: { description: How many were active on the last day, unit: count }
  outliers: { description: Days so far out of line that they were taken for less, unit: count, nullable: true }
  origins: { description: How many pasts were forecast, unit: count, nullable: true }
  error: { description: Mean error of those sums as a share of their mean; empty where the past is too short, unit: share, nullable: true }
  naive_error: { description: The same of repeating the last week, unit: share, nullable: true }
  coverage: { description: Share of those sums that lay in the interval they were given, unit: share, nullable: true }
  value: { description: Sum expected, nullable: true }
  low: { description: Lower end of its interval, nullable: true }
  high: { description: Upper end of its interval, nullable: true }
---*/
select part.series as series, part.horizon_days as horizon_days, part.model as model, part.history_from as history_from, part.history_to as history_to,
       part.history_days as history_days, part.active as active, part.outliers as outliers, part.origins as origins, part.error as error,
       part.naive_error as naive_error, part.coverage as coverage, part.value as value, part.low as low, part.high as high
from (select unnest(forecast_totals_in($forecast::varchar)) as part) as parts
