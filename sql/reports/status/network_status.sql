/*---
title: Network status
summary: "Charge points online, by site"
listing: top
description: "Charge points in service and online at as_of, states of their connectors and open issues: one row per site."
details:
  - Charge points and states count as in status_overview.
  - Sites without a charge point in service are returned with 0.
  - >-
    Charge points without a site, and those without a row of their own, are one row with an empty project_id. It is left out if it
    has neither charge points nor open issues.
  - An issue counts at the site of its charge point. Acknowledged issues do not count.
http: [/api/v1/status/network, /v0/pipes/network_status.json]
params:
  charge_point_id: { description: "Only this charge point, with its site", role: charge_point, example: cp_007 }
columns:
  project_id: { description: Site, nullable: true }
  project_name: { description: "Name, or the ID if no name is known", nullable: true }
  charge_points_total: { description: Charge points in service, unit: count }
  charge_points_online: { description: Charge points in service that are online, unit: count }
  available: { description: Connectors that are available, unit: count }
  charging: { description: "Connectors in use: charging, preparing, occupied, suspended or finishing", unit: count }
  faulted: { description: Connectors that are faulted, unit: count }
  unavailable: { description: Connectors that are unavailable or reserved, unit: count }
  unknown: { description: "Connectors of offline charge points, or with an unknown status", unit: count }
  open_issues: { description: Open issues, unit: count }
  updated_at: { description: "Time the status is for, UTC" }
# Only what lasts at as_of.
scan_from: $as_of::timestamp
leading_columns: [project_id, project_name, charge_points_total, charge_points_online, charging, faulted, open_issues]
key: [project_id]
total: [charge_points_total, charge_points_online, available, charging, faulted, unavailable, unknown, open_issues]
sort:
  default: project_id
  allow: [project_id, project_name, charge_points_total, charge_points_online, available, charging, faulted, unavailable, unknown, open_issues]
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: data
  totals:
    total_charge_points: coalesce(sum(charge_points_total), 0)
    total_online: coalesce(sum(charge_points_online), 0)
    total_open_issues: coalesce(sum(open_issues), 0)
chart: { kind: hbar, x: project_name, id: project_id, y: charge_points_online, more: [charge_points_total, faulted, open_issues], opens: site }
---*/
with own_points as (
  select station_id as own_point, site_id as own_site
  from charge_points
  where ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
-- One row per thing that a site has; a site without any has a row too.
parts as (
  select site_id as place, 1 as is_listed, 0 as points, 0 as points_online, null::varchar as connector_status, 0 as issue_count
  from sites
  where ($project_id::varchar is null or site_id = $project_id::varchar)
    and ($charge_point_id::varchar is null or site_id in (select own_site from own_points))
  union all
  select own_site as place, case when own_site is null then 0 else 1 end as is_listed, 0 as points, 0 as points_online, null::varchar as connector_status, 0 as issue_count
  from own_points
  union all
  select point_site as place, 1 as is_listed, 1 as points, case when is_online then 1 else 0 end as points_online, null::varchar as connector_status, 0 as issue_count
  from points_in_service
  union all
  select point_site as place, 0 as is_listed, 0 as points, 0 as points_online, state as connector_status, 0 as issue_count
  from current_states
  union all
  select own_site as place, 1 as is_listed, 0 as points, 0 as points_online, null::varchar as connector_status, 1 as issue_count
  from known_issues left join own_points on own_point = station_id
  where state = 'open'
),
names as (select site_id as named_site, site_name as name from sites)
select place as project_id,
       coalesce(max(name), place) as project_name,
       sum(points) as charge_points_total,
       sum(points_online) as charge_points_online,
       count(*) filter (where connector_status = 'available') as available,
       count(*) filter (where connector_status = 'in_use') as charging,
       count(*) filter (where connector_status = 'faulted') as faulted,
       count(*) filter (where connector_status in ('unavailable', 'reserved')) as unavailable,
       count(*) filter (where connector_status = 'unknown') as unknown,
       sum(issue_count) as open_issues,
       $as_of::timestamp as updated_at
from parts left join names on named_site = place
group by place
having sum(is_listed) > 0
