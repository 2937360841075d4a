/*---
title: Revenue forecasts
summary: Revenue of the next 30–90 days
listing: top
description: Forecast revenue for the next 30, 60 and 90 days, or other horizons.
details:
  - Revenue is the sum of the amounts of all sessions, including failed and active ones.
  - A horizon begins with the local day of as_of.
  - "Based on daily_revenue: every local day from the first session, at most ten years ago, to the last complete day at as_of."
  - >-
    The models use the weekly pattern, the yearly pattern if the history is long enough, and the number of active charge points.
    Growth of that number goes on, and fades. A step is followed if the values followed it.
  - A charge point is active if it has a session on the day or in the 27 days before.
  - "The forecast is an average of few models: the means of 28 and 56 days, smoothed weeks, and last year; --explain lists them."
  - >-
    The interval comes from the errors of such sums in many other networks, and in the past of the series itself: the more
    independent periods it has, the more they count. Daily bounds are never added up.
  - With less than 8 weeks of history, only the weekly pattern is used, with a wide interval.
  - >-
    A series with less than 2 weeks of history has no forecast: it has empty values next to longer series. Without a
    longer series the answer is empty, and a note states the number of days.
http: [/api/v1/analytics/revenue/forecasts, /v0/pipes/revenue_forecasts.json]
columns:
  generated_at: { description: "Time of the forecast, UTC" }
  charge_point_id: { description: "Charge point, if there is one series per charge point", optional: true }
  project_id: { description: "Site, if there is one series per site; empty for sessions without a site", optional: true }
  horizon_days: { description: "Days in the horizon, from the local day of generated_at", unit: count }
  forecast_revenue: { description: Forecast revenue; empty if the history is too short, unit: currency, nullable: true }
  confidence_low: { description: Lower bound of the interval that holds the actual value with the requested confidence, unit: currency, nullable: true }
  confidence_high: { description: Upper bound of the interval, unit: currency, nullable: true }
key: [charge_point_id, project_id, horizon_days]
sort: { default: charge_point_id, allow: [charge_point_id, project_id, horizon_days, forecast_revenue] }
page: { kind: none }
answer: { shape: object, list: { key: forecasts, columns: [charge_point_id, project_id, horizon_days, forecast_revenue, confidence_low, confidence_high] }, empty: { generated_at: "$as_of::timestamp" } }
leading_columns: [charge_point_id, project_id, horizon_days, forecast_revenue, confidence_low, confidence_high]
notes: [forecast_amount_notes]
forecast: { series: daily_revenue, daily: revenue_forecast_days }
explain: revenue_forecast_models
---*/
select $as_of::timestamp as generated_at,
       case $by::varchar when 'charge_point' then series end as charge_point_id,
       case $by::varchar when 'project' then nullif(series, '') end as project_id,
       horizon_days,
       round(value, 2) as forecast_revenue,
       round(low, 2) as confidence_low,
       round(high, 2) as confidence_high
from forecast_totals
