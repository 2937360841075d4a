/*---
title: Revenue by tariff
summary: Revenue per tariff
description: Revenue and number of completed sessions per tariff.
details:
  - Revenue is the sum of the amounts of all sessions, including failed and active ones.
  - Sessions without a tariff are one row with an empty tariff_id.
  - Tariffs without an amount and without a completed session in the period are not listed.
http: [/api/v1/analytics/revenue/by-tariff, /v0/pipes/revenue_by_tariff.json]
columns:
  tariff_id: { description: Tariff, nullable: true }
  tariff_name: { description: "Name, or the ID if no name is known", nullable: true }
  revenue: { description: "Amounts of all its sessions, including failed and active ones; empty if none has an amount", unit: currency, nullable: true }
  session_count: { description: Completed sessions, unit: count }
key: [tariff_id]
total: [revenue, session_count]
sort: { default: -revenue, allow: [tariff_id, tariff_name, revenue, session_count] }
page: { kind: limit, default: 1000, max: 1000000 }
answer: { shape: list, key: data }
notes: [amount_notes]
chart: { kind: hbar, x: tariff_name, id: tariff_id, y: revenue, more: [session_count] }
---*/
with totals as (
  select tariff_id as tariff, sum(money) as total_amount, count(*) filter (where completed) as sessions
  from amounts_in_period
  group by tariff_id
  having count(money) > 0 or count(*) filter (where completed) > 0
),
names as (select tariff_id as known_tariff, tariff_name as name from tariffs)
select tariff as tariff_id,
       coalesce(name, tariff) as tariff_name,
       total_amount as revenue,
       sessions as session_count
from totals left join names on known_tariff = tariff
