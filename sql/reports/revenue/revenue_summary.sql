/*---
title: Revenue summary
summary: Total revenue and averages
listing: top
description: Revenue of the period, number of completed sessions, and averages per completed session.
details:
  - Revenue is the sum of the amounts of all sessions, including failed and active ones.
  - Averages cover all completed sessions, including those without an amount, but not those whose amount has no exchange rate.
  - Without a session in the period, the revenue is 0. It is empty if no session of the period has an amount.
http: [/api/v1/analytics/revenue/summary, /v0/pipes/revenue_summary.json]
columns:
  currency: { description: Currency of the amounts, nullable: true }
  total_revenue: { description: "Amounts of all sessions, including failed and active ones", unit: currency, nullable: true }
  avg_revenue_per_session: { description: Amounts of completed sessions divided by the number of completed sessions, unit: currency, nullable: true }
  session_count: { description: Completed sessions, unit: count }
  avg_session_duration_minutes: { description: Plugged-in minutes of completed sessions divided by the number of completed sessions, unit: minutes, nullable: true }
key: []
sort: { default: currency, allow: [] }
page: { kind: none }
answer: { shape: object, echo: [from, to] }
notes: [amount_notes]
chart: { kind: number, value: total_revenue, better: up, more: [session_count, avg_revenue_per_session] }
---*/
with totals as (
  select count(*) as sessions, count(money) as amounts, coalesce(sum(money), 0) as revenue,
         count(*) filter (where completed) as completed_sessions,
         count(*) filter (where completed and (money is not null or amount_paid is null)) as priced_sessions,
         count(money) filter (where completed) as completed_amounts,
         coalesce(sum(money) filter (where completed), 0) as completed_revenue,
         coalesce(sum(stay) filter (where completed), 0) as completed_seconds
  from amounts_in_period
)
select answer_currency as currency,
       case when amounts > 0 or sessions = 0 then revenue end as total_revenue,
       case when completed_amounts > 0 then completed_revenue::double / nullif(priced_sessions, 0) end as avg_revenue_per_session,
       completed_sessions as session_count,
       completed_seconds / 60::double / nullif(completed_sessions, 0)::double as avg_session_duration_minutes
from totals cross join answer_currency
