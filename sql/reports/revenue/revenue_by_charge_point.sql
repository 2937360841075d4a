/*---
title: Revenue by charge point
description: >-
  Money taken and completed sessions per charge point, and its share of the revenue of all charge points chosen. Revenue
  is the sum of the amounts of all sessions, failed and running ones too. A completed session has an end that is not
  before its start, delivered energy, and is not marked failed or invalid. A session belongs to the period by its start;
  with by=end by its end, which running ones have not; with by=spread its amount is shared out evenly over the seconds it
  ran, what lies in the period counts, and every session that ran in the period is counted. A running one counts where it
  started. Charge points without an amount and without a completed session in the period do not appear.
http: [/api/v1/analytics/revenue/by-charge-point, /v0/pipes/revenue_by_charge_point.json]
params:
  currency: { description: Only sessions in this currency; needed where several are mixed, example: EUR }
columns:
  charge_point_id: { description: Charge point }
  charge_point_name: { description: "Its name, or its id where no name is known" }
  revenue: { description: "Amounts of all its sessions, failed and running ones too", unit: currency }
  session_count: { description: Completed sessions, unit: count }
  share_of_total: { description: "Its revenue / that of all charge points chosen, also those beyond the page; empty where that is 0", unit: share, nullable: true }
  currency: { description: Currency of all amounts of the answer; empty where no session has one, nullable: true }
key: [charge_point_id]
sort: { default: -revenue, allow: [charge_point_id, charge_point_name, revenue, session_count] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_revenue: "coalesce(sum(revenue), 0)", total_sessions: "coalesce(sum(session_count), 0)" }
chart: { kind: bar, x: charge_point_name, y: revenue }
---*/
-- Currencies stay apart until it is known that there is one.
with taken as (
  select station_id, currency as paid_in, count(money) as amounts, sum(money) as part, count(*) filter (where completed) as done_sessions
  from sessions_in_period
  where ($currency::varchar is null or currency = $currency::varchar)
  group by station_id, currency
  having count(money) > 0 or count(*) filter (where completed) > 0
),
currencies as (
  select one_currency(count(distinct paid_in) filter (where amounts > 0), string_agg(distinct paid_in, ', ') filter (where amounts > 0)) as only_currency,
         coalesce(sum(part), 0) as whole
  from taken
),
earned as (
  select station_id as earner, coalesce(sum(part), 0) as income, sum(done_sessions) as sessions
  from taken
  group by station_id
),
names as (select station_id as named_id, charge_point_name as given_name from charge_points)
select earner as charge_point_id,
       coalesce(given_name, earner) as charge_point_name,
       income as revenue,
       sessions as session_count,
       income::double / nullif(whole, 0) as share_of_total,
       only_currency as currency
from earned cross join currencies left join names on named_id = earner
