/*---
title: Session forecast models
summary: Accuracy of session forecasts
listing: helper
description: The models behind each sum of session_forecasts, and their accuracy on past periods.
details:
  - >-
    For the test, the sum over the horizon is forecast from many past days, with only the data up to that day, and compared with
    the actual sum.
  - A mean_error below naive_error is better than repeating the last week.
  - coverage is how often the interval held the actual sum. The interval of a past period uses only the days before it.
  - "Past periods overlap, so they count less than independent ones: fewer than five are too few for a coverage, which is empty then."
  - The weights of the models depend on the noise and the length of the history. Weights from past errors were no better.
http: [/api/v1/analytics/sessions/forecasts/models, /v0/pipes/session_forecast_models.json]
columns:
  charge_point_id: { description: "Charge point, if there is one series per charge point", optional: true }
  project_id: { description: "Site, if there is one series per site; empty for sessions without a site", optional: true }
  horizon_days: { description: "Days in the horizon, from the local day of as_of", unit: count }
  model: { description: "Models in the forecast with their weights, seasonal mean for less than 8 weeks of history; empty if the history is too short", nullable: true }
  history_from: { description: First day of the history used }
  history_to: { description: "Last day of the history used, the last complete day" }
  history_days: { description: Days of history used, unit: count }
  active_charge_points: { description: Charge points with a session on the last day or in the 27 days before, unit: count }
  outlier_days: { description: "Outlier days, which were given less weight", unit: count, nullable: true }
  forecasts_tested: { description: Number of past periods forecast as a test, unit: count, nullable: true }
  independent_tests: { description: Number of tested periods that do not overlap, unit: count, nullable: true }
  mean_error: { description: Mean absolute error of the tests divided by the mean of the actual sums; empty if the history is too short to test, unit: share, nullable: true }
  naive_error: { description: The same error for repeating the last week, unit: share, nullable: true }
  coverage: { description: Share of the tests in which the actual sum was within the interval; empty with fewer than five independent tests, unit: share, nullable: true }
  forecast_sessions: { description: Forecast for the horizon, unit: sessions, nullable: true }
  confidence_low: { description: Lower bound of the interval, unit: sessions, nullable: true }
  confidence_high: { description: Upper bound of the interval, unit: sessions, nullable: true }
key: [charge_point_id, project_id, horizon_days]
sort: { default: charge_point_id, allow: [charge_point_id, project_id, horizon_days, mean_error, forecast_sessions] }
page: { kind: none }
answer: { shape: list, key: data }
leading_columns: [charge_point_id, project_id, horizon_days, model, mean_error, naive_error, coverage, forecasts_tested, independent_tests, history_days]
forecast: { series: daily_sessions }
---*/
select case $by::varchar when 'charge_point' then series end as charge_point_id,
       case $by::varchar when 'project' then nullif(series, '') end as project_id,
       horizon_days, model, history_from, history_to, history_days,
       active as active_charge_points,
       outliers as outlier_days,
       origins as forecasts_tested,
       independent as independent_tests,
       error as mean_error,
       naive_error, coverage,
       round(value, 1) as forecast_sessions,
       round(low, 1) as confidence_low,
       round(high, 1) as confidence_high
from forecast_models
