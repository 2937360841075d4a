/*---
title: Charge point offline
description: Finds charge points that are offline for at least offline_after_minutes, by the rule of offline_periods.
details:
  - The issue starts when the charge point goes offline. It is resolved when the charge point is heard from again, or taken out of service.
  - "Severity: critical from one day on, high from 4 hours, medium from 1 hour, else low."
params:
  offline_after_minutes: { description: Minimum time offline to be an issue, default: 30, min: 0, max: 5256000 }
---*/
with in_service as (
  select offline_periods.station_id, offline_from,
         least_non_null(offline_to, case when closed_at <= $as_of::timestamp then closed_at end) as ended_at
  from offline_periods left join charge_points on offline_periods.station_id = charge_points.station_id
  where closed_at is null or offline_from < closed_at
),
offline_lengths as (
  select station_id, offline_from, ended_at, epoch_s(coalesce(ended_at, $as_of::timestamp)) - epoch_s(offline_from) as seconds
  from in_service
)
select 'connectivity' as type,
       case when seconds >= 86400 then 'critical' when seconds >= 14400 then 'high' when seconds >= 3600 then 'medium' else 'low' end as severity,
       station_id,
       null::varchar as connector_id,
       null::varchar as session_id,
       offline_from as created_at,
       ended_at as resolved_at,
       case when ended_at is null then 'Charge point has been offline for ' else 'Charge point was offline for ' end || duration_text(seconds) as description
from offline_lengths
where seconds >= $offline_after_minutes::bigint * 60
