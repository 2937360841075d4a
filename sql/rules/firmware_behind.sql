/*---
title: Firmware behind the approved release
description: >-
  A charge point that runs an older firmware than a release approved for its model, firmware_grace_days after that release
  came out. Releases follow each other by their dates. It begins when the days of grace end, or when the charge point was given
  the old firmware after that, and is over when another firmware is reported, or the charge point is taken out of service.
  Medium where two or more approved releases are newer, low below. A firmware that is no known release is not judged.
params:
  firmware_grace_days: { description: Days after an approved release in which to install it, default: 14, min: 0, max: 36500 }
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2025-12-31 12:00:00" }
  charge_point_id: { description: Only this charge point, example: cp_007 }
  project_id: { description: Only this site, example: site_03 }
---*/
with installed as (
  select charge_points.station_id, model, firmware, since, closed_at,
         lead(since, 1, null) over (partition by charge_points.station_id order by since) as until
  from firmware_installed join charge_points on firmware_installed.station_id = charge_points.station_id
),
serving as (
  select station_id, model, firmware, since,
         least_known(until, case when closed_at <= $as_of::timestamp then closed_at end) as over_at
  from installed
),
behind as (
  select station_id, firmware, since, over_at,
         min(newer.released_at) as first_newer_at,
         count(*) as newer_releases,
         max_by(newer.firmware_version, newer.released_at) as newest
  from serving
    join firmware_releases as running on running.model = serving.model and running.firmware_version = serving.firmware
    join firmware_releases as newer on newer.model = serving.model and newer.released_at > running.released_at
  where newer.approved and newer.released_at <= $as_of::timestamp and (over_at is null or newer.released_at < over_at)
  group by station_id, firmware, since, over_at
),
due as (
  select station_id, firmware, newest, newer_releases, over_at,
         greatest(since, seconds_after(first_newer_at, $firmware_grace_days::bigint * 86400)) as due_at
  from behind
)
select 'firmware' as type,
       case when newer_releases >= 2 then 'medium' else 'low' end as severity,
       station_id,
       null::varchar as connector_id,
       null::varchar as session_id,
       due_at as created_at,
       over_at as resolved_at,
       case when over_at is null then 'Runs firmware ' else 'Ran firmware ' end || firmware || ', approved is ' || newest
         || case when newer_releases > 1 then ', ' || newer_releases || ' releases on' else '' end as description
from due
where due_at <= $as_of::timestamp and (over_at is null or due_at < over_at)
