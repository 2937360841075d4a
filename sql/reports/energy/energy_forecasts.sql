/*---
title: Energy forecasts
summary: Energy of the next 30–90 days
description: Forecast energy of completed sessions for the next 30, 60 and 90 days, or other horizons.
details:
  - A horizon begins with the local day of as_of.
  - "Based on daily_energy: every local day from the first session, at most ten years ago, to the last complete day at as_of."
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
http: [/api/v1/analytics/energy/forecasts, /v0/pipes/energy_forecasts.json]
columns:
  generated_at: { description: "Time of the forecast, UTC" }
  charge_point_id: { description: "Charge point, if there is one series per charge point", optional: true }
  project_id: { description: "Site, if there is one series per site; empty for sessions without a site", optional: true }
  horizon_days: { description: "Days in the horizon, from the local day of generated_at", unit: count }
  forecast_energy_kwh: { description: Forecast energy; empty if the history is too short, unit: kWh, nullable: true }
  confidence_low: { description: Lower bound of the interval that holds the actual value with the requested confidence, unit: kWh, nullable: true }
  confidence_high: { description: Upper bound of the interval, unit: kWh, nullable: true }
key: [charge_point_id, project_id, horizon_days]
sort: { default: charge_point_id, allow: [charge_point_id, project_id, horizon_days, forecast_energy_kwh] }
page: { kind: none }
answer: { shape: object, list: { key: forecasts, columns: [charge_point_id, project_id, horizon_days, forecast_energy_kwh, confidence_low, confidence_high] }, empty: { generated_at: "$as_of::timestamp" } }
leading_columns: [charge_point_id, project_id, horizon_days, forecast_energy_kwh, confidence_low, confidence_high]
forecast: { series: daily_energy, daily: energy_forecast_days }
explain: energy_forecast_models
---*/
select $as_of::timestamp as generated_at,
       case $by::varchar when 'charge_point' then series end as charge_point_id,
       case $by::varchar when 'project' then nullif(series, '') end as project_id,
       horizon_days,
       round(value, 3) as forecast_energy_kwh,
       round(low, 3) as confidence_low,
       round(high, 3) as confidence_high
from forecast_totals
