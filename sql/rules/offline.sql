/*---
title: Charge point offline
description: >-
  A charge point that has been offline for offline_after_minutes, by the rule of offline_periods. It begins when the
  charge point went offline and is over when it is heard again, or taken out of service. Critical from a day on, high from 4
  hours, medium from 1 hour, low below.
params:
  offline_after_minutes: { description: Shortest time offline that is an issue, default: 30, min: 0, max: 5256000 }
---*/
with lasting as (
  select offline_periods.station_id, offline_from,
         least_known(offline_to, case when closed_at <= $as_of::timestamp then closed_at end) as over_at
  from offline_periods left join charge_points on offline_periods.station_id = charge_points.station_id
  where closed_at is null or offline_from < closed_at
),
measured as (
  select station_id, offline_from, over_at, epoch_s(coalesce(over_at, $as_of::timestamp)) - epoch_s(offline_from) as seconds
  from lasting
)
select 'connectivity' as type,
       case when seconds >= 86400 then 'critical' when seconds >= 14400 then 'high' when seconds >= 3600 then 'medium' else 'low' end as severity,
       station_id,
       null::varchar as connector_id,
       null::varchar as session_id,
       offline_from as created_at,
       over_at as resolved_at,
       case when over_at is null then 'Charge point has been offline for ' else 'Charge point was offline for ' end || span_words(seconds) as description
from measured
where seconds >= $offline_after_minutes::bigint * 60
