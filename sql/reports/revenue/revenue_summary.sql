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
with taken as (
  select currency as paid_in, count(money) as amounts, sum(money) as revenue,
         count(*) filter (where completed) as done_sessions,
         sum(money) filter (where completed) as done_revenue,
         sum(stay) filter (where completed) as done_seconds
  from sessions_in_period
  where ($currency::varchar is null or currency = $currency::varchar)
  group by currency
)
select one_currency(count(distinct paid_in) filter (where amounts > 0), string_agg(distinct paid_in, ', ') filter (where amounts > 0)) as currency,
       coalesce(sum(revenue), 0) as total_revenue,
       coalesce(sum(done_revenue), 0)::double / nullif(coalesce(sum(done_sessions), 0), 0) as avg_revenue_per_session,
       coalesce(sum(done_sessions), 0) as session_count,
       coalesce(sum(done_seconds), 0) / 60::double / nullif(coalesce(sum(done_sessions), 0), 0)::double as avg_session_duration_minutes
from taken
