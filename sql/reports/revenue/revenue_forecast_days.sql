/*---
title: Revenue forecasts day by day
description: >-
  Revenue expected of each day to the end of the longest horizon: the amounts of all sessions that start on it, failed
  and running ones too. The first is the local day of as_of; with history so many days before it come first, with what
  was measured. How it is forecast stands with revenue_forecasts. The interval is of the day alone: bounds of days are
  not to be added up, the interval of a sum is found by itself.
http: [/api/v1/analytics/revenue/forecasts/days, /v0/pipes/revenue_forecast_days.json]
columns:
  charge_point_id: { description: "Charge point, where each is a series of its own", optional: true }
  project_id: { description: "Site, where each is a series of its own; empty for sessions without one", optional: true }
  day: { description: Local day }
  revenue: { description: "Amounts of all sessions of the day; empty on days to come", unit: currency, nullable: true }
  forecast_revenue: { description: "What is expected of the day; empty on days that are over", unit: currency, nullable: true }
  confidence_low: { description: "Lower end of its interval, which holds what comes with the confidence asked for", unit: currency, nullable: true }
  confidence_high: { description: Upper end of its interval, unit: currency, nullable: true }
key: [charge_point_id, project_id, day]
sort: { default: charge_point_id, allow: [charge_point_id, project_id, day, forecast_revenue] }
page: { kind: limit, default: 10000, max: 1000000 }
answer: { shape: list, key: data }
chart: { kind: fan, x: day, y: revenue, forecast: forecast_revenue, low: confidence_low, high: confidence_high }
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
