/*---
title: Revenue by tariff
description: Revenue and number of completed sessions per tariff.
details:
  - Revenue is the sum of the amounts of all sessions, including failed and active ones.
  - Sessions without a tariff are one row with an empty tariff_id.
  - Tariffs without an amount and without a completed session in the period are not listed.
http: [/api/v1/analytics/revenue/by-tariff, /v0/pipes/revenue_by_tariff.json]
params:
  currency: { description: Only sessions in this currency; required if several currencies are mixed, example: EUR }
columns:
  tariff_id: { description: Tariff, nullable: true }
  tariff_name: { description: "Name, or the ID if no name is known", nullable: true }
  revenue: { description: "Amounts of all its sessions, including failed and active ones", unit: currency }
  session_count: { description: Completed sessions, unit: count }
key: [tariff_id]
total: [revenue, session_count]
sort: { default: -revenue, allow: [tariff_id, tariff_name, revenue, session_count] }
page: { kind: limit, default: 1000, max: 1000000 }
answer: { shape: list, key: data }
chart: { kind: bar, x: tariff_name, y: revenue }
---*/
-- Grouped by currency too, to raise an error if there are several.
with by_currency as (
  select tariff_id, currency as paid_currency, count(money) as amounts, sum(money) as amount, count(*) filter (where completed) as completed_sessions
  from sessions_in_period
  where ($currency::varchar is null or currency = $currency::varchar)
  group by tariff_id, currency
  having count(money) > 0 or count(*) filter (where completed) > 0
),
currencies as (
  select one_currency(count(distinct paid_currency) filter (where amounts > 0), string_agg(distinct paid_currency, ', ') filter (where amounts > 0)) as only_currency
  from by_currency
),
totals as (
  select tariff_id as tariff, coalesce(sum(amount), 0) as total_amount, sum(completed_sessions) as sessions
  from by_currency
  group by tariff_id
),
names as (select tariff_id as known_tariff, tariff_name as name from tariffs)
select tariff as tariff_id,
       coalesce(name, tariff) as tariff_name,
       total_amount as revenue,
       sessions as session_count
from totals cross join currencies left join names on known_tariff = tariff
-- Always true: the answer has no currency column, and evaluating the currency raises the error for several.
where only_currency is null or only_currency <> ''
