/*---
title: Installed firmware
description: The firmware versions of charge points, with the time each was first run.
details:
  - >-
    Versions come from events, one row per change. A charge point without such an event has the version of its own row, from the
    day it went into service.
  - "Columns: station_id, firmware, since."
---*/
with reports as (
  select station_id, firmware_version, event_time,
         lag(firmware_version, 1, null) over (partition by station_id order by event_time, arrival_order) as previous_version
  from filtered_events
  where firmware_version is not null
)
select station_id, firmware_version as firmware, event_time as since
from reports
where previous_version is null or previous_version <> firmware_version
union all
select station_id, firmware_version as firmware, coalesce(opened_at, timestamp '1970-01-01') as since
from charge_points
where firmware_version is not null
  and (opened_at is null or opened_at <= $as_of::timestamp)
  and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
  and ($project_id::varchar is null or site_id = $project_id::varchar)
  and station_id not in (select station_id from reports where station_id is not null)
