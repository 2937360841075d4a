/*---
title: Revenue summary
description: Revenue of the period, number of completed sessions, and averages per completed session.
details:
  - Revenue is the sum of the amounts of all sessions, including failed and active ones.
  - Averages cover all completed sessions, including those without an amount.
http: [/api/v1/analytics/revenue/summary, /v0/pipes/revenue_summary.json]
params:
  currency: { description: Only sessions in this currency; required if several currencies are mixed, example: EUR }
columns:
  currency: { description: Currency of the amounts; empty if no session has one, nullable: true }
  total_revenue: { description: "Amounts of all sessions, including failed and active ones", unit: currency }
  avg_revenue_per_session: { description: Amounts of completed sessions divided by the number of completed sessions, unit: currency, nullable: true }
  session_count: { description: Completed sessions, unit: count }
  avg_session_duration_minutes: { description: Plugged-in minutes of completed sessions divided by the number of completed sessions, unit: minutes, nullable: true }
key: []
sort: { default: currency, allow: [] }
page: { kind: none }
answer: { shape: object, echo: [from, to] }
---*/
with by_currency as (
  select currency as paid_currency, count(money) as amounts, sum(money) as revenue,
         count(*) filter (where completed) as completed_sessions,
         sum(money) filter (where completed) as completed_revenue,
         sum(stay) filter (where completed) as completed_seconds
  from sessions_in_period
  where ($currency::varchar is null or currency = $currency::varchar)
  group by currency
)
select one_currency(count(distinct paid_currency) filter (where amounts > 0), string_agg(distinct paid_currency, ', ') filter (where amounts > 0)) as currency,
       coalesce(sum(revenue), 0) as total_revenue,
       coalesce(sum(completed_revenue), 0)::double / nullif(coalesce(sum(completed_sessions), 0), 0) as avg_revenue_per_session,
       coalesce(sum(completed_sessions), 0) as session_count,
       coalesce(sum(completed_seconds), 0) / 60::double / nullif(coalesce(sum(completed_sessions), 0), 0)::double as avg_session_duration_minutes
from by_currency
