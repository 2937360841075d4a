/*---
title: Fleet
description: >-
  Every charge point in service at as_of: opened by then and not closed, or, without a row of its own, heard of. Columns:
  station_id, online (not in one of the offline_periods; empty where it was never heard), is_faulted (true where the charge point as a
  whole or one of its connectors last reported a fault).
---*/
with heard as (
  select station_id from ports group by station_id
),
known as (
  select station_id, station_id not in (select station_id from offline_periods where offline_to is null) as online
  from heard
  union all
  select station_id, null::boolean as online
  from charge_points
  where station_id not in (select station_id from heard)
    and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
out_of_service as (
  select station_id from charge_points where opened_at > $as_of::timestamp or closed_at <= $as_of::timestamp
),
faulted_now as (select station_id from connector_states where until is null and state = 'faulted')
select station_id, online, station_id in (select station_id from faulted_now) as is_faulted
from known
where station_id not in (select station_id from out_of_service)
