/*---
title: Outdated firmware
description: Finds charge points that run a firmware older than a release approved for their model, after firmware_grace_days.
details:
  - Releases are ordered by their release dates.
  - The issue starts when the grace period ends, or when the old firmware was installed if that is later.
  - It is resolved when another firmware is reported, or the charge point is taken out of service.
  - "Severity: medium if two or more approved releases are newer, else low."
  - A firmware that is not a known release is not evaluated.
params:
  firmware_grace_days: { description: Days after an approved release in which to install it, default: 14, min: 0, max: 36500 }
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
  charge_point_id: { description: Only this charge point, role: charge_point, example: cp_007 }
  project_id: { description: Only this site, role: site, example: site_03 }
---*/
with installed as (
  select charge_points.station_id, model, firmware, since, closed_at,
         lead(since, 1, null) over (partition by charge_points.station_id order by since) as until
  from firmware_installed join charge_points on firmware_installed.station_id = charge_points.station_id
),
in_service as (
  select station_id, model, firmware, since,
         least_non_null(until, case when closed_at <= $as_of::timestamp then closed_at end) as ended_at
  from installed
),
outdated as (
  select station_id, firmware, since, ended_at,
         min(newer.released_at) as first_newer_at,
         count(*) as newer_releases,
         max_by(newer.firmware_version, newer.released_at) as newest
  from in_service
    join firmware_releases as running on running.model = in_service.model and running.firmware_version = in_service.firmware
    join firmware_releases as newer on newer.model = in_service.model and newer.released_at > running.released_at
  where newer.approved and newer.released_at <= $as_of::timestamp and (ended_at is null or newer.released_at < ended_at)
  group by station_id, firmware, since, ended_at
),
due as (
  select station_id, firmware, newest, newer_releases, ended_at,
         greatest(since, seconds_after(first_newer_at, $firmware_grace_days::bigint * 86400)) as due_at
  from outdated
)
select 'firmware' as type,
       case when newer_releases >= 2 then 'medium' else 'low' end as severity,
       station_id,
       null::varchar as connector_id,
       null::varchar as session_id,
       due_at as created_at,
       ended_at as resolved_at,
       case when ended_at is null then 'Runs firmware ' else 'Ran firmware ' end || firmware || ', approved is ' || newest
         || case when newer_releases > 1 then ', ' || newer_releases || ' releases on' else '' end as description
from due
where due_at <= $as_of::timestamp and (ended_at is null or due_at < ended_at)
