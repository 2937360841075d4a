/*---
title: Status overview
description: >-
  How many charge points a project, which is a site, has in service at as_of, how many of them are online, and in what state
  their connectors are. Charge points not yet opened or closed by as_of are left out. Connectors are those of their own rows or
  that have reported a status. Each connector counts once, by the last status it reported: available; charging, which is any
  word for being in use (charging, preparing, occupied, suspended, finishing); faulted; unavailable, which is also reserved;
  unknown. A fault or unavailability of the charge point as a whole, reported after it and not taken back, holds for the connector.
  Connectors of a charge point that is offline, or never was heard of, and connectors without a status are unknown, whatever they
  reported before. Online is by the rule of offline_periods. A project is known by its own row or by that of a charge point.
http: ["/api/v1/status/projects/{project_id}/status-overview", /v0/pipes/status_overview.json]
params:
  project_id: { description: The site, required: true, example: site_03 }
columns:
  project_id: { description: Site }
  project_name: { description: "Its name, or its id where no name is known" }
  charge_points_total: { description: Charge points in service, unit: count }
  charge_points_online: { description: Of them online, unit: count }
  available: { description: Connectors free to be used, unit: count }
  charging: { description: Connectors in use, unit: count }
  faulted: { description: Connectors faulted, unit: count }
  unavailable: { description: Connectors unavailable or reserved, unit: count }
  unknown: { description: "Connectors of charge points that are offline, or whose state is not known", unit: count }
  updated_at: { description: "Moment the answer holds for, UTC" }
key: [project_id]
sort: { default: project_id, allow: [] }
page: { kind: none }
answer:
  shape: object
  nest: { connectors: { available: available, charging: charging, faulted: faulted, unavailable: unavailable, unknown: unknown } }
  missing: { parameter: project_id, what: project }
---*/
with named as (
  select site_id, site_name
  from sites
  where site_id = $project_id::varchar
  union all
  select site_id, null::varchar as site_name
  from charge_points
  where site_id = $project_id::varchar
),
site as (select site_id as project, max(site_name) as name from named group by site_id),
points as (
  select charge_points.station_id as point, coalesce(online, false) as is_online
  from charge_points left join connections on charge_points.station_id = connections.station_id
  where site_id = $project_id::varchar
    and (opened_at is null or opened_at <= $as_of::timestamp)
    and (closed_at is null or closed_at > $as_of::timestamp)
    and ($charge_point_id::varchar is null or charge_points.station_id = $charge_point_id::varchar)
),
reported as (
  select station_id as told_by, connector as plug, state as last_state, since as told_at
  from connector_states
  where until is null
),
whole as (
  select told_by as whole_point, last_state as whole_state, told_at as whole_at
  from reported
  where plug = '0' and last_state in ('faulted', 'unavailable')
),
plugs as (
  select told_by as plug_point, plug, last_state, told_at
  from reported
  where plug <> '0'
  union all
  select station_id as plug_point, connector_id as plug, null::varchar as last_state, null::timestamp as told_at
  from connectors
  where connector_id <> '0'
),
own_states as (
  select plug_point, plug, max(last_state) as own_state, max(told_at) as own_at
  from plugs
  group by plug_point, plug
),
judged as (
  select case when not is_online then 'unknown'
              when whole_at > coalesce(own_at, timestamp '1970-01-01') then whole_state
              else coalesce(own_state, 'unknown') end as state_now
  from own_states
    join points on plug_point = point
    left join whole on plug_point = whole_point
),
counted as (
  select count(*) filter (where state_now = 'available') as available,
         count(*) filter (where state_now = 'in_use') as charging,
         count(*) filter (where state_now = 'faulted') as faulted,
         count(*) filter (where state_now in ('unavailable', 'reserved')) as unavailable,
         count(*) filter (where state_now = 'unknown') as unknown
  from judged
),
online as (
  select count(*) as points_total, count(*) filter (where is_online) as points_online
  from points
)
select project as project_id,
       coalesce(name, project) as project_name,
       points_total as charge_points_total,
       points_online as charge_points_online,
       available, charging, faulted, unavailable, unknown,
       $as_of::timestamp as updated_at
from site cross join online cross join counted
