/*---
title: Charge points in service
description: Charge points that are open at as_of, with their site and whether they are online.
details:
  - A charge point is open from opened_at to closed_at. One without a row of its own is open, and has no site.
  - online is false if the charge point is offline, unknown or was never heard from.
  - "Columns: station_id, point_site (empty if unknown), is_online."
---*/
select charge_points.station_id as station_id, site_id as point_site, coalesce(online, false) as is_online
from charge_points left join connections on charge_points.station_id = connections.station_id
where (opened_at is null or opened_at <= $as_of::timestamp)
  and (closed_at is null or closed_at > $as_of::timestamp)
  and ($charge_point_id::varchar is null or charge_points.station_id = $charge_point_id::varchar)
  and ($project_id::varchar is null or site_id = $project_id::varchar)
union all
select station_id, null::varchar as point_site, coalesce(online, false) as is_online
from connections
where station_id not in (select station_id from charge_points where station_id is not null)
