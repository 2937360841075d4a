/*---
title: Forecast models
description: The forecast_totals with the models and history behind them, and their accuracy on past periods.
details:
  - For every series and horizon, past periods are forecast with the same method, using only the days before them. Their intervals too.
  - A series with less than 14 days of history has no values.
  - For reports that name their daily series under forecast.
params:
  forecast: { description: Result of the forecast, role: forecast }
columns:
  series: { description: Charge point or site; empty for the total }
  horizon_days: { description: "Days in the horizon, from the first day after the history", unit: count }
  model: { description: Models used, nullable: true }
  history_from: { description: First day of the history used }
  history_to: { description: Last day of the history used }
  history_days: { description: Days of history used, unit: count }
  active: { description: Active charge points on the last day, unit: count }
  outliers: { description: "Outlier days, which were given less weight", unit: count, nullable: true }
  origins: { description: Number of past periods forecast as a test, unit: count, nullable: true }
  independent: { description: Number of them that do not overlap, unit: count, nullable: true }
  error: { description: Mean error of the tests as a share of their mean; empty if the history is too short, unit: share, nullable: true }
  naive_error: { description: The same error for repeating the last week, unit: share, nullable: true }
  coverage: { description: Share of the tests in which the actual sum was within the interval; empty with fewer than five independent tests, unit: share, nullable: true }
  value: { description: Forecast sum, nullable: true }
  low: { description: Lower bound of the interval, nullable: true }
  high: { description: Upper bound of the interval, nullable: true }
---*/
select part.series as series, part.horizon_days as horizon_days, part.model as model, part.history_from as history_from, part.history_to as history_to,
       part.history_days as history_days, part.active as active, part.outliers as outliers, part.origins as origins, part.independent as independent, part.error as error,
       part.naive_error as naive_error, part.coverage as coverage, part.value as value, part.low as low, part.high as high
from (select unnest(parse_forecast_totals($forecast::varchar)) as part) as parts
