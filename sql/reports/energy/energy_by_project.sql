/*---
title: Energy by project
description: >-
  Energy delivered and completed sessions per project, which is a site: the session's own, or where it has none that of
  its charge point. Sessions with neither make one row with an empty project_id. A completed session has an end that is
  not before its start, delivered energy, and is not marked failed or invalid. A session belongs to the period by its
  start; with by=end by its end; with by=spread its energy is shared out evenly over the seconds it ran, what lies in the
  period counts, and every session that ran in the period is counted. Sites without a completed session in the period do
  not appear.
http: [/api/v1/analytics/energy/by-project, /v0/pipes/energy_by_project.json]
params:
  from: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  to: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-01-31" }
  charge_point_id: { description: Only this charge point, example: cp_007 }
  project_id: { description: Only this site, example: site_03 }
  by: { description: "What puts a session into the period: its start, its end, or energy spread over the time it ran", choices: [start, end, spread], default: start }
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
  select site_id as own_site,
         case when site_id is null then station_id end as station,
         sum(energy_kwh * share_in_period(epoch_s(start_time), session_end_s(start_time, end_time), $from::timestamp, $to::timestamp, $by::varchar)) as energy,
         count(*) as sessions
  from charging_sessions
  where is_completed(start_time, end_time, energy_kwh, status)
    and in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar)
    and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or site_id = $project_id::varchar
         or (site_id is null and station_id in (select station_id from charge_points where site_id = $project_id::varchar)))
  group by site_id, case when site_id is null then station_id end
),
points as (select station_id as point_id, site_id as point_site from charge_points),
placed as (
  select coalesce(own_site, point_site) as project, sum(energy) as site_energy, sum(sessions) as site_sessions
  from delivered left join points on point_id = station
  group by coalesce(own_site, point_site)
),
names as (select site_id as named_id, site_name as given_name from sites)
select project as project_id,
       coalesce(given_name, project) as project_name,
       site_energy as energy_kwh,
       site_sessions as session_count
from placed left join names on named_id = project
