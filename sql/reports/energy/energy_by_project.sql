/*---
title: Energy by project
summary: Energy per site
description: Energy and number of completed sessions per project (site).
details:
  - Sessions without a site are one row with an empty project_id.
  - Sites without a completed session in the period are not listed.
http: [/api/v1/analytics/energy/by-project, /v0/pipes/energy_by_project.json]
columns:
  project_id: { description: Site, nullable: true }
  project_name: { description: "Name, or the ID if no name is known", nullable: true }
  energy_kwh: { description: Energy of the completed sessions, unit: kWh }
  session_count: { description: Completed sessions, unit: count }
key: [project_id]
total: [energy_kwh, session_count]
sort: { default: -energy_kwh, allow: [project_id, project_name, energy_kwh, session_count] }
page: { kind: limit, default: 1000, max: 1000000 }
answer: { shape: list, key: data, echo: [from, to] }
chart: { kind: hbar, x: project_name, id: project_id, y: energy_kwh, more: [session_count], opens: site }
---*/
with delivered as (
  select site_id as session_site, station_id as point,
         sum(energy) as point_energy,
         count(*) as sessions
  from sessions_in_period
  where completed
  group by site_id, station_id
),
points as (select station_id as charge_point, site_id as site_of_point from charge_points),
by_site as (
  select coalesce(session_site, site_of_point) as project, sum(point_energy) as site_energy, sum(sessions) as site_sessions
  from delivered left join points on charge_point = point
  group by coalesce(session_site, site_of_point)
),
names as (select site_id as site, site_name as name from sites)
select project as project_id,
       coalesce(name, project) as project_name,
       site_energy as energy_kwh,
       site_sessions as session_count
from by_site left join names on site = project
