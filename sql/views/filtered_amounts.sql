/*---
title: Selected sessions with converted amounts
description: The session_amounts of the selected charge point, site and currency.
details:
  - The site is the session's own, or else that of its charge point.
params:
  charge_point_id: { description: Only this charge point, role: charge_point, example: cp_007 }
  project_id: { description: "Only this site (the session's own, or else that of its charge point)", role: site, example: site_03 }
---*/
select *
from session_amounts
where ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
  and ($project_id::varchar is null or site_id = $project_id::varchar
       or (site_id is null and station_id in (select station_id from charge_points where site_id = $project_id::varchar)))
  and ($currency::varchar is null or currency = $currency::varchar)
