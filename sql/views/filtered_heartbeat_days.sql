/*---
title: Selected days of heartbeats
description: The heartbeat_days that began by as_of, of the selected charge point and site, with all columns.
details:
  - Heartbeats that have nothing but a charge point and a time are stored in days instead of rows; charge_point_events lists them all.
  - Heartbeats from before 2008 are left out, because the clock of the charge point was not set.
params:
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
  charge_point_id: { description: Only this charge point, role: charge_point, example: cp_007 }
  project_id: { description: Only this site, role: site, example: site_03 }
---*/
select *
from heartbeat_days
where first_at <= $as_of::timestamp
  and first_at >= timestamp '2008-01-01'
  and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
  and ($project_id::varchar is null or station_id in (select station_id from charge_points where site_id = $project_id::varchar))
