/*---
title: Energy by project
description: >-
  Energy delivered and completed sessions per project, which is a site. The site of a session is its own, or where it has
  none that of its charge point; sessions with neither make one row with an empty project_id. A completed session has an end that is
  not before its start, delivered energy, and is not marked failed or invalid. A session belongs to the period by its
  start; with by=end by its end; with by=spread its energy is shared out evenly over the seconds it ran, what lies in the
  period counts, and every session that ran in the period is counted. Sites without a completed session in the period do
  not appear.
http: [/api/v1/analytics/energy/by-project, /v0/pipes/energy_by_project.json]
columns:
  project_id: { description: Site, nullable: true }
  project_name: { description: "Its name, or its id where no name is known", nullable: true }
  energy_kwh: { description: Energy of the completed sessions, unit: kWh }
  session_count: { description: Completed sessions, unit: count }
key: [project_id]
sort: { default: -energy_kwh, allow: [project_id, project_name, energy_kwh, session_count] }
page: { kind: limit, default: 1000, max: 1000000 }
answer: { shape: list, key: data, echo: [from, to] }
chart: { kind: bar, x: project_name, y: energy_kwh }
---*/
with delivered as (
  select site_id as own_site, station_id as station,
         sum(energy) as delivered_kwh,
         count(*) as sessions
  from sessions_in_period
  where completed
  group by site_id, station_id
),
points as (select station_id as point_id, site_id as point_site from charge_points),
placed as (
  select coalesce(own_site, point_site) as project, sum(delivered_kwh) as site_energy, sum(sessions) as site_sessions
  from delivered left join points on point_id = station
  group by coalesce(own_site, point_site)
),
names as (select site_id as named_id, site_name as given_name from sites)
select project as project_id,
       coalesce(given_name, project) as project_name,
       site_energy as energy_kwh,
       site_sessions as session_count
from placed left join names on named_id = project
