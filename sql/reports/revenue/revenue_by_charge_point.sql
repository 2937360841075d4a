/*---
title: Revenue by charge point
summary: Where revenue comes from
description: Revenue, number of completed sessions and share of the total revenue per charge point.
details:
  - Revenue is the sum of the amounts of all sessions, including failed and active ones.
  - Charge points without an amount and without a completed session in the period are not listed.
http: [/api/v1/analytics/revenue/by-charge-point, /v0/pipes/revenue_by_charge_point.json]
columns:
  charge_point_id: { description: Charge point }
  charge_point_name: { description: "Name, or the ID if no name is known" }
  revenue: { description: "Amounts of all its sessions, including failed and active ones; empty if none has an amount", unit: currency, nullable: true }
  session_count: { description: Completed sessions, unit: count }
  share_of_total: { description: "Share of the revenue of all selected charge points, including those beyond limit; empty without revenue, and if that revenue is 0, or negative at any of them", unit: share, nullable: true }
  currency: { description: Currency of all amounts, nullable: true }
key: [charge_point_id]
total: [revenue, session_count]
sort: { default: -revenue, allow: [charge_point_id, charge_point_name, revenue, session_count] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_revenue: "case when count(revenue) > 0 or count(*) = 0 then coalesce(sum(revenue), 0) end", total_sessions: "coalesce(sum(session_count), 0)" }
notes: [amount_notes]
chart: { kind: hbar, x: charge_point_name, id: charge_point_id, y: revenue, more: [session_count, share_of_total], opens: station }
---*/
with totals as (
  select station_id as point, sum(money) as total_amount, count(*) filter (where completed) as sessions
  from amounts_in_period
  group by station_id
  having count(money) > 0 or count(*) filter (where completed) > 0
),
network as (select coalesce(sum(total_amount), 0) as total, min(total_amount) as min_amount from totals),
names as (select station_id as charge_point, charge_point_name as name from charge_points)
select point as charge_point_id,
       coalesce(name, point) as charge_point_name,
       total_amount as revenue,
       sessions as session_count,
       -- With refunds above revenue at one charge point, the shares of the others would exceed 1.
       case when min_amount >= 0 then total_amount::double / nullif(total, 0) end as share_of_total,
       answer_currency as currency
from totals cross join network cross join answer_currency left join names on charge_point = point
