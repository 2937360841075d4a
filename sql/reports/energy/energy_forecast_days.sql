/*---
title: Energy forecasts day by day
description: >-
  Energy expected of each day to the end of the longest horizon: that of all sessions that start on it and complete. A
  completed session has an end that is not before its start, delivered energy, and is not marked failed or invalid. The
  first is the local day of as_of; with history so many days before it come first, with what was measured. How it is
  forecast stands with energy_forecasts. The interval is of the day alone: bounds of days are not to be added up, the
  interval of a sum is found by itself.
http: [/api/v1/analytics/energy/forecasts/days, /v0/pipes/energy_forecast_days.json]
columns:
  charge_point_id: { description: "Charge point, where each is a series of its own", optional: true }
  project_id: { description: "Site, where each is a series of its own; empty for sessions without one", optional: true }
  day: { description: Local day }
  energy_kwh: { description: "Energy of the completed sessions of the day; empty on days to come", unit: kWh, nullable: true }
  forecast_energy_kwh: { description: "What is expected of the day; empty on days that are over", unit: kWh, nullable: true }
  confidence_low: { description: "Lower end of its interval, which holds what comes with the confidence asked for", unit: kWh, nullable: true }
  confidence_high: { description: Upper end of its interval, unit: kWh, nullable: true }
key: [charge_point_id, project_id, day]
sort: { default: charge_point_id, allow: [charge_point_id, project_id, day, forecast_energy_kwh] }
page: { kind: limit, default: 10000, max: 1000000 }
answer: { shape: list, key: data }
chart: { kind: fan, x: day, y: energy_kwh, forecast: forecast_energy_kwh, low: confidence_low, high: confidence_high }
forecast: { series: daily_energy }
---*/
select case $by::varchar when 'charge_point' then series end as charge_point_id,
       case $by::varchar when 'project' then nullif(series, '') end as project_id,
       day,
       round(actual, 3) as energy_kwh,
       round(value, 3) as forecast_energy_kwh,
       round(low, 3) as confidence_low,
       round(high, 3) as confidence_high
from forecast_days
