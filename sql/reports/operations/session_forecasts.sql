/*---
title: Session forecasts
description: >-
  Sessions expected over the next 30, 60 and 90 days, or over other horizons: those that start in them and complete. A
  completed session has an end that is not before its start, delivered energy, and is not marked failed or invalid. A
  horizon begins with the local day of as_of. The forecast is made from daily_sessions: every local day from the first
  session, at most ten years before, to the last day that is over at as_of, with its weekly and, where there are
  years, yearly pattern, its trend, and how many charge points are active: those with a session on the day or in the
  27 days before, so that a network that grew is forecast as large as it is. Several ways to go on with it are weighed
  by how well each forecast the past; --explain names them. The interval of a sum is found by forecasting the past the
  same way: from many days of the history, knowing only the days before, the sum over the same horizon is forecast and
  set beside what came; the errors of those sums make the interval, never added bounds of days. Under 8 weeks of
  history the pattern of the week alone is carried on, with a wide interval; under 2 weeks nothing is forecast: such a
  series has no numbers beside longer ones, and alone it is an error that says how many days there are.
http: [/api/v1/analytics/sessions/forecasts, /v0/pipes/session_forecasts.json]
columns:
  generated_at: { description: "Moment the forecast is made as of, UTC" }
  charge_point_id: { description: "Charge point, where each is a series of its own", optional: true }
  project_id: { description: "Site, where each is a series of its own; empty for sessions without one", optional: true }
  horizon_days: { description: "Days summed, from the local day of generated_at", unit: count }
  forecast_sessions: { description: "Completed sessions expected over them; empty where the history is too short", unit: sessions, nullable: true }
  confidence_low: { description: "Lower end of its interval, which holds what comes with the confidence asked for", unit: sessions, nullable: true }
  confidence_high: { description: Upper end of its interval, unit: sessions, nullable: true }
key: [charge_point_id, project_id, horizon_days]
sort: { default: charge_point_id, allow: [charge_point_id, project_id, horizon_days, forecast_sessions] }
page: { kind: none }
answer: { shape: object, list: { key: forecasts, columns: [charge_point_id, project_id, horizon_days, forecast_sessions, confidence_low, confidence_high] } }
table: [charge_point_id, project_id, horizon_days, forecast_sessions, confidence_low, confidence_high]
forecast: { series: daily_sessions, daily: session_forecast_days }
explain: session_forecast_models
---*/
select $as_of::timestamp as generated_at,
       case $by::varchar when 'charge_point' then series end as charge_point_id,
       case $by::varchar when 'project' then nullif(series, '') end as project_id,
       horizon_days,
       round(value, 1) as forecast_sessions,
       round(low, 1) as confidence_low,
       round(high, 1) as confidence_high
from forecast_totals
