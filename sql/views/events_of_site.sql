/*---
title: Charging events of a site
description: The ended charging_sessions of a site, with all columns. Each is a charging event.
details:
  - The site is the session's own, or else that of its charge point.
params:
  site_id: { description: Site ID, role: site, required: true, example: site_01 }
---*/
select *
from charging_sessions
where end_time is not null
  and (site_id = $site_id::varchar
       or (site_id is null and station_id in (select station_id from charge_points where site_id = $site_id::varchar)))
