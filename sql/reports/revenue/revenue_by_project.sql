/*---
title: Revenue by project
summary: Revenue per site
description: Revenue, number of completed sessions and share of the total revenue per project (site).
details:
  - Revenue is the sum of the amounts of all sessions, including failed and active ones.
  - Sessions without a site are one row with an empty project_id. If nothing in the database has a site, each location is a project.
  - Sites without an amount and without a completed session in the period are not listed.
http: [/api/v1/analytics/revenue/by-project, /v0/pipes/revenue_by_project.json]
columns:
  project_id: { description: "Site, or location if nothing has a site", nullable: true }
  project_name: { description: "Name, or the ID if no name is known", nullable: true }
  revenue: { description: "Amounts of all its sessions, including failed and active ones; empty if none has an amount", unit: currency, nullable: true }
  session_count: { description: Completed sessions, unit: count }
  share_of_total: { description: "Share of the revenue of all selected sites, including those beyond limit; empty without revenue, and if that revenue is 0, or negative at any of them", unit: share, nullable: true }
  currency: { description: Currency of all amounts, nullable: true }
key: [project_id]
total: [revenue, session_count]
sort: { default: -revenue, allow: [project_id, project_name, revenue, session_count] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_revenue: "case when count(revenue) > 0 or count(*) = 0 then coalesce(sum(revenue), 0) end", total_sessions: "coalesce(sum(session_count), 0)" }
notes: [amount_notes]
chart: { kind: hbar, x: project_name, id: project_id, y: revenue, more: [session_count], opens: site }
---*/
with known_sites as (
  select max(site_id) as any_site from sites
  union all
  select max(site_id) as any_site from charge_points
  union all
  select max(site_id) as any_site from charging_sessions
),
-- Of a single row or none, so that only one of the two groupings below reads the sessions.
siteless as (select max(1) as is_siteless from known_sites having count(any_site) = 0),
sited as (select max(1) as is_sited from known_sites having count(any_site) > 0),
by_point as (
  select site_id as session_site, station_id as point, sum(money) as point_amount, count(money) as amounts, count(*) filter (where completed) as point_sessions
  from amounts_in_period join sited on is_sited = case when start_time is not null then 1 else 0 end
  group by site_id, station_id
),
points as (select station_id as charge_point, site_id as site_of_point from charge_points),
parts as (
  select coalesce(session_site, site_of_point) as place, point_amount, amounts, point_sessions
  from by_point left join points on charge_point = point
  union all
  select location as place, sum(money) as point_amount, count(money) as amounts, count(*) filter (where completed) as point_sessions
  from amounts_in_period join siteless on is_siteless = case when start_time is not null then 1 else 0 end
  group by location
),
totals as (
  select place as project, sum(point_amount) as total_amount, sum(point_sessions) as sessions
  from parts
  group by place
  having sum(amounts) > 0 or sum(point_sessions) > 0
),
network as (select coalesce(sum(total_amount), 0) as total, min(total_amount) as min_amount from totals),
names as (select site_id as site, site_name as name from sites)
select project as project_id,
       coalesce(name, project) as project_name,
       total_amount as revenue,
       sessions as session_count,
       -- With refunds above revenue at one site, the shares of the others would exceed 1.
       case when min_amount >= 0 then total_amount::double / nullif(total, 0) end as share_of_total,
       answer_currency as currency
from totals cross join network cross join answer_currency left join names on site = project
