/*---
title: Session forecasts day by day
description: >-
  Sessions expected of each day to the end of the longest horizon: those that start on it and complete. A completed
  session has an end that is not before its start, delivered energy, and is not marked failed or invalid. The first is
  the local day of as_of; with history so many days before it come first, with what was measured. How it is forecast
  stands with session_forecasts. The interval is of the day alone: bounds of days are not to be added up, the interval
  of a sum is found by itself.
http: [/api/v1/analytics/sessions/forecasts/days, /v0/pipes/session_forecast_days.json]
columns:
  charge_point_id: { description: "Charge point, where each is a series of its own", optional: true }
  project_id: { description: "Site, where each is a series of its own; empty for sessions without one", optional: true }
  day: { description: Local day }
  sessions: { description: "Completed sessions of the day; empty on days to come", unit: sessions, nullable: true }
  forecast_sessions: { description: "What is expected of the day; empty on days that are over", unit: sessions, nullable: true }
  confidence_low: { description: "Lower end of its interval, which holds what comes with the confidence asked for", unit: sessions, nullable: true }
  confidence_high: { description: Upper end of its interval, unit: sessions, nullable: true }
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
