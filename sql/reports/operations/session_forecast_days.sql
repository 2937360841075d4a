/*---
title: Session forecast by day
summary: Session forecast for each day
listing: helper
description: Forecast number of completed sessions for each day up to the longest horizon.
details:
  - The first day is the local day of as_of. With history, that many past days with their actual values come first.
  - The method is described under session_forecasts.
  - "Intervals are for single days. Do not add them up: the interval of a sum is computed separately."
http: [/api/v1/analytics/sessions/forecasts/days, /v0/pipes/session_forecast_days.json]
columns:
  charge_point_id: { description: "Charge point, if there is one series per charge point", optional: true }
  project_id: { description: "Site, if there is one series per site; empty for sessions without a site", optional: true }
  day: { description: Local day }
  sessions: { description: Completed sessions of the day; empty for future days, unit: sessions, nullable: true }
  forecast_sessions: { description: Forecast for the day; empty for past days, unit: sessions, nullable: true }
  confidence_low: { description: Lower bound of the interval that holds the actual value with the requested confidence, unit: sessions, nullable: true }
  confidence_high: { description: Upper bound of the interval, unit: sessions, nullable: true }
key: [charge_point_id, project_id, day]
sort: { default: charge_point_id, allow: [charge_point_id, project_id, day, forecast_sessions] }
page: { kind: limit, default: 10000, max: 1000000 }
answer: { shape: list, key: data }
chart: { kind: fan, x: day, y: sessions, forecast: forecast_sessions, low: confidence_low, high: confidence_high }
forecast: { series: daily_sessions }
---*/
select case $by::varchar when 'charge_point' then series end as charge_point_id,
       case $by::varchar when 'project' then nullif(series, '') end as project_id,
       day,
       round(actual, 1) as sessions,
       round(value, 1) as forecast_sessions,
       round(low, 1) as confidence_low,
       round(high, 1) as confidence_high
from forecast_days
