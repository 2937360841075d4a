/*---
title: How revenue forecasts are made
description: >-
  How each sum of revenue_forecasts was found, and how well the same way would have done before: from many days of the
  history, knowing only the days before, the sum over the horizon is forecast and set beside what came. mean_error below
  naive_error says that it does better than repeating the last week; coverage says how often the interval held what
  came.
http: [/api/v1/analytics/revenue/forecasts/models, /v0/pipes/revenue_forecast_models.json]
columns:
  charge_point_id: { description: "Charge point, where each is a series of its own", optional: true }
  project_id: { description: "Site, where each is a series of its own; empty for sessions without one", optional: true }
  horizon_days: { description: "Days summed, from the local day of as_of", unit: count }
  model: { description: "Ways the days to come are found, each with its weight: the better it forecast this history, the more it counts. The seasonal mean under 8 weeks; empty where the history is too short", nullable: true }
  history_from: { description: First day of the history used }
  history_to: { description: "Last day of the history used, the last that is over" }
  history_days: { description: Days of history used, unit: count }
  active_charge_points: { description: "Charge points with a session on the last day or in the 27 days before", unit: count }
  outlier_days: { description: Days so far out of line that they were taken for less, unit: count, nullable: true }
  forecasts_tested: { description: How many such sums of the past were forecast, unit: count, nullable: true }
  mean_error: { description: "Mean size of the error of those sums / their mean; empty where the past is too short for any", unit: share, nullable: true }
  naive_error: { description: The same of repeating the last week, unit: share, nullable: true }
  coverage: { description: Share of those sums that lay in the interval they were given, unit: share, nullable: true }
  forecast_revenue: { description: "What is expected over the horizon", unit: currency, nullable: true }
  confidence_low: { description: Lower end of its interval, unit: currency, nullable: true }
  confidence_high: { description: Upper end of its interval, unit: currency, nullable: true }
key: [charge_point_id, project_id, horizon_days]
sort: { default: charge_point_id, allow: [charge_point_id, project_id, horizon_days, mean_error, forecast_revenue] }
page: { kind: none }
answer: { shape: list, key: data }
table: [charge_point_id, project_id, horizon_days, model, mean_error, naive_error, coverage, forecasts_tested, history_days]
forecast: { series: daily_revenue }
---*/
select case $by::varchar when 'charge_point' then series end as charge_point_id,
       case $by::varchar when 'project' then nullif(series, '') end as project_id,
       horizon_days, model, history_from, history_to, history_days,
       active as active_charge_points,
       outliers as outlier_days,
       origins as forecasts_tested,
       error as mean_error,
       naive_error, coverage,
       round(value, 2) as forecast_revenue,
       round(low, 2) as confidence_low,
       round(high, 2) as confidence_high
from forecast_models
