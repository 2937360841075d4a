/*---
title: Sessions chosen
description: >-
  The charging_sessions of the charge point and the site asked for, all of them without either, with all their columns. The
  site of a session is its own, or where it has none that of its charge point.
params:
  charge_point_id: { description: Only this charge point, example: cp_007 }
  project_id: { description: "Only this site: the session's own, or where it has none that of its charge point", example: site_03 }
---*/
select *
from charging_sessions
where ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
  and ($project_id::varchar is null or site_id = $project_id::varchar
       or (site_id is null and station_id in (select station_id from charge_points where site_id = $project_id::varchar)))
