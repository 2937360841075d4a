/*---
title: Revenue by tariff
description: >-
  Money taken and completed sessions per tariff; sessions without a tariff make one row with an empty tariff_id. Revenue
  is the sum of the amounts of all sessions, failed and running ones too. A completed session has an end that is not
  before its start, delivered energy, and is not marked failed or invalid. A session belongs to the period by its start;
  with by=end by its end, which running ones have not; with by=spread its amount is shared out evenly over the seconds it
  ran, what lies in the period counts, and every session that ran in the period is counted. A running one counts where it
  started. Tariffs without an amount and without a completed session in the period do not appear.
http: [/api/v1/analytics/revenue/by-tariff, /v0/pipes/revenue_by_tariff.json]
params:
  currency: { description: Only sessions in this currency; needed where several are mixed, example: EUR }
columns:
  tariff_id: { description: Tariff, nullable: true }
  tariff_name: { description: "Its name, or its id where no name is known", nullable: true }
  revenue: { description: "Amounts of all its sessions, failed and running ones too", unit: currency }
  session_count: { description: Completed sessions, unit: count }
key: [tariff_id]
sort: { default: -revenue, allow: [tariff_id, tariff_name, revenue, session_count] }
page: { kind: limit, default: 1000, max: 1000000 }
answer: { shape: list, key: data }
chart: { kind: bar, x: tariff_name, y: revenue }
---*/
-- Currencies stay apart until it is known that there is one.
with taken as (
  select tariff_id, currency as paid_in, count(money) as amounts, sum(money) as part, count(*) filter (where completed) as done_sessions
  from sessions_in_period
  where ($currency::varchar is null or currency = $currency::varchar)
  group by tariff_id, currency
  having count(money) > 0 or count(*) filter (where completed) > 0
),
currencies as (
  select one_currency(count(distinct paid_in) filter (where amounts > 0), string_agg(distinct paid_in, ', ') filter (where amounts > 0)) as only_currency
  from taken
),
earned as (
  select tariff_id as plan, coalesce(sum(part), 0) as income, sum(done_sessions) as sessions
  from taken
  group by tariff_id
),
names as (select tariff_id as named_id, tariff_name as given_name from tariffs)
select plan as tariff_id,
       coalesce(given_name, plan) as tariff_name,
       income as revenue,
       sessions as session_count
from earned cross join currencies left join names on named_id = plan
-- Always so: the answer has no column for the currency, and asking for it is what refuses several.
where only_currency is null or only_currency <> ''
