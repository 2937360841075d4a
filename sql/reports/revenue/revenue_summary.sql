/*---
title: Revenue summary
description: >-
  Money taken in the period, and means over its completed sessions. Revenue is the sum of the amounts of all sessions,
  failed and running ones too. A completed session has an end that is not before its start, delivered energy, and is not
  marked failed or invalid; the means are over all completed sessions, also those without an amount. A session belongs to
  the period by its start; with by=end by its end, which running ones have not; with by=spread its amount and its minutes
  are shared out evenly over the seconds it ran, what lies in the period counts, and every session that ran in the period
  is counted. A running one counts where it started.
http: [/api/v1/analytics/revenue/summary, /v0/pipes/revenue_summary.json]
params:
  from: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  to: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-01-31" }
  charge_point_id: { description: Only this charge point, example: cp_007 }
  project_id: { description: "Only this site: the session's own, or where it has none that of its charge point", example: site_03 }
  by: { description: "What puts a session into the period: its start, its end, or money and minutes spread over the time it ran", choices: [start, end, spread], default: start }
  currency: { description: Only sessions in this currency; needed where several are mixed, example: EUR }
columns:
  currency: { description: Currency of the amounts; empty where no session has one, nullable: true }
  total_revenue: { description: "Amounts of all sessions, failed and running ones too", unit: currency }
  avg_revenue_per_session: { description: Amounts of the completed sessions / all completed sessions, unit: currency, nullable: true }
  session_count: { description: Completed sessions, unit: count }
  avg_session_duration_minutes: { description: Minutes plugged in of the completed sessions / all completed sessions, unit: minutes, nullable: true }
key: []
sort: { default: currency, allow: [] }
page: { kind: none }
answer: { shape: object, echo: [from, to] }
---*/
with chosen as (
  select currency,
         -- A share is rounded, session by session, to the decimals money is kept in: sums of any groups then make the same whole.
         case $by::varchar
           when 'spread' then round(amount_paid::double * share_in_period(epoch_s(start_time), session_end_s(start_time, end_time), $from::timestamp, $to::timestamp, $by::varchar), 6)::decimal(18, 6)
           else amount_paid
         end as amount,
         date_diff('second', start_time, end_time) * share_in_period(epoch_s(start_time), session_end_s(start_time, end_time), $from::timestamp, $to::timestamp, $by::varchar) as seconds,
         is_completed(start_time, end_time, energy_kwh, status) as done
  from charging_sessions
  where in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar)
    and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or site_id = $project_id::varchar
         or (site_id is null and station_id in (select station_id from charge_points where site_id = $project_id::varchar)))
    and ($currency::varchar is null or currency = $currency::varchar)
),
taken as (
  select currency as paid_in, count(amount) as amounts, sum(amount) as revenue,
         count(*) filter (where done) as done_sessions,
         sum(amount) filter (where done) as done_revenue,
         sum(seconds) filter (where done) as done_seconds
  from chosen
  group by currency
)
select one_currency(count(distinct paid_in) filter (where amounts > 0), string_agg(distinct paid_in, ', ') filter (where amounts > 0)) as currency,
       coalesce(sum(revenue), 0) as total_revenue,
       coalesce(sum(done_revenue), 0)::double / nullif(coalesce(sum(done_sessions), 0), 0) as avg_revenue_per_session,
       coalesce(sum(done_sessions), 0) as session_count,
       coalesce(sum(done_seconds), 0) / 60::double / nullif(coalesce(sum(done_sessions), 0), 0)::double as avg_session_duration_minutes
from taken
