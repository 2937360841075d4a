/*---
title: Charging events of a site
description: >-
  The ended charging_sessions of the site asked for, with all their columns: each is a charging event. The site of a session
  is its own, or where it has none that of its charge point.
params:
  site_id: { description: Site whose events are wanted, required: true, example: site_01 }
---*/
select *
from charging_sessions
where end_time is not null
  and (site_id = $site_id::varchar
       or (site_id is null and station_id in (select station_id from charge_points where site_id = $site_id::varchar)))
