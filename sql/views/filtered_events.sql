/*---
title: Selected events
description: The charge_point_events up to as_of, of the selected charge point and site, with all columns.
details:
  - The site of an event is that of its charge point.
  - Events from before 2008 are left out, because the clock of the charge point was not set.
params:
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
  charge_point_id: { description: Only this charge point, role: charge_point, example: cp_007 }
  project_id: { description: Only this site, role: site, example: site_03 }
---*/
select *
from charge_point_events
where event_time <= $as_of::timestamp
  and event_time >= timestamp '2008-01-01'
  and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
  and ($project_id::varchar is null or station_id in (select station_id from charge_points where site_id = $project_id::varchar))
