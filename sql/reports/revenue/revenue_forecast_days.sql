/*---
title: Revenue forecast by day
summary: Revenue forecast for each day
listing: helper
description: Forecast revenue for each day up to the longest horizon.
details:
  - Revenue is the sum of the amounts of all sessions that start on the day, including failed and active ones.
  - The first day is the local day of as_of. With history, that many past days with their actual values come first.
  - The method is described under revenue_forecasts.
  - "Intervals are for single days. Do not add them up: the interval of a sum is computed separately."
http: [/api/v1/analytics/revenue/forecasts/days, /v0/pipes/revenue_forecast_days.json]
columns:
  charge_point_id: { description: "Charge point, if there is one series per charge point", optional: true }
  project_id: { description: "Site, if there is one series per site; empty for sessions without a site", optional: true }
  day: { description: Local day }
  revenue: { description: Amounts of all sessions of the day; empty for future days, unit: currency, nullable: true }
  forecast_revenue: { description: Forecast for the day; empty for past days, unit: currency, nullable: true }
  confidence_low: { description: Lower bound of the interval that holds the actual value with the requested confidence, unit: currency, nullable: true }
  confidence_high: { description: Upper bound of the interval, unit: currency, nullable: true }
key: [charge_point_id, project_id, day]
sort: { default: charge_point_id, allow: [charge_point_id, project_id, day, forecast_revenue] }
page: { kind: limit, default: 10000, max: 1000000 }
answer: { shape: list, key: data }
chart: { kind: fan, x: day, y: revenue, forecast: forecast_revenue, low: confidence_low, high: confidence_high }
notes: [forecast_amount_notes]
forecast: { series: daily_revenue }
---*/
select case $by::varchar when 'charge_point' then series end as charge_point_id,
       case $by::varchar when 'project' then nullif(series, '') end as project_id,
       day,
       round(actual, 2) as revenue,
       round(value, 2) as forecast_revenue,
       round(low, 2) as confidence_low,
       round(high, 2) as confidence_high
from forecast_days
