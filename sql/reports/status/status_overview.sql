/*---
title: Status overview
summary: Charge points online at a site
description: Charge points of a project (site) in service and online at as_of, and the states of their connectors.
details:
  - Charge points that are not open yet, or closed by as_of, do not count.
  - Connectors are those with a row of their own or a reported status. Each counts once, by its last reported status.
  - "charging covers all statuses of use: charging, preparing, occupied, suspended, finishing. unavailable includes reserved."
  - If the charge point as a whole later reported a fault or unavailability that has not ended, that status counts for its connectors.
  - Connectors without a status, and those of a charge point that is offline or was never heard from, are unknown.
  - Online is defined by the rule of offline_periods.
  - A project is known if it has a row of its own or a charge point.
http: ["/api/v1/status/projects/{project_id}/status-overview", /v0/pipes/status_overview.json]
params:
  project_id: { description: Site ID, role: site, required: true, example: site_03 }
# Only what lasts at as_of.
scan_from: $as_of::timestamp
columns:
  project_id: { description: Site }
  project_name: { description: "Name, or the ID if no name is known" }
  charge_points_total: { description: Charge points in service, unit: count }
  charge_points_online: { description: Charge points in service that are online, unit: count }
  available: { description: Connectors that are available, unit: count }
  charging: { description: Connectors that are in use, unit: count }
  faulted: { description: Connectors that are faulted, unit: count }
  unavailable: { description: Connectors that are unavailable or reserved, unit: count }
  unknown: { description: "Connectors of offline charge points, or with an unknown status", unit: count }
  updated_at: { description: "Time the status is for, UTC" }
key: [project_id]
sort: { default: project_id, allow: [] }
page: { kind: none }
answer:
  shape: object
  nest: { connectors: { available: available, charging: charging, faulted: faulted, unavailable: unavailable, unknown: unknown } }
  missing: { parameter: project_id, what: project }
---*/
with project_names as (
  select site_id, site_name
  from sites
  where site_id = $project_id::varchar
  union all
  select site_id, null::varchar as site_name
  from charge_points
  where site_id = $project_id::varchar
),
project as (select site_id, max(site_name) as name from project_names group by site_id),
connector_counts as (
  select count(*) filter (where state = 'available') as available,
         count(*) filter (where state = 'in_use') as charging,
         count(*) filter (where state = 'faulted') as faulted,
         count(*) filter (where state in ('unavailable', 'reserved')) as unavailable,
         count(*) filter (where state = 'unknown') as unknown
  from current_states
  where point_site = $project_id::varchar
),
point_counts as (
  select count(*) as point_count, count(*) filter (where is_online) as online_count
  from points_in_service
  where point_site = $project_id::varchar
)
select site_id as project_id,
       coalesce(name, site_id) as project_name,
       point_count as charge_points_total,
       online_count as charge_points_online,
       available, charging, faulted, unavailable, unknown,
       $as_of::timestamp as updated_at
from project cross join point_counts cross join connector_counts
