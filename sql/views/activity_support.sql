/*---
title: Activity that charge points report
description: How often each charge point reported charging and pauses; one that never did has no known times of them.
params:
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
columns:
  station_id: { description: Charge point }
  charging_events: { description: Statuses of charging, unit: count }
  idle_events: { description: Statuses of a pause or of a full car, unit: count }
---*/
with status_counts as (
  select station_id, status, count(*) as event_count
  from filtered_events
  where status is not null and coalesce(connector_id, '0') <> '0'
    and ($to::timestamp is null or event_time <= $to::timestamp)
  group by station_id, status
)
select station_id,
       round(coalesce(sum(event_count) filter (where equals_ci(status, 'charging')), 0))::bigint as charging_events,
       round(coalesce(sum(event_count) filter (where is_idle(status)), 0))::bigint as idle_events
from status_counts
group by station_id
