/*---
title: Repeated failed sessions
description: >-
  Failed sessions one after the other at one connector, failed_in_a_row or more with no completed one between. It begins
  when the first of them ended and is over when a session is completed there. Critical from ten on, high from twice
  failed_in_a_row, medium below.
params:
  failed_in_a_row: { description: Fewest failed sessions in a row that are an issue, default: 3, min: 2 }
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2025-12-31 12:00:00" }
---*/
with ended as (
  select station_id, connector_id, start_time, end_time, stop_reason,
         is_completed(start_time, end_time, energy_kwh, status) as completed
  from sessions_chosen
  where end_time <= $as_of::timestamp
),
-- The completed session that ends a run has the run's number.
numbered as (
  select station_id, connector_id, end_time, stop_reason, completed,
         coalesce(sum(case when completed then 1 else 0 end)
           over (partition by station_id, connector_id order by end_time, start_time, completed rows between unbounded preceding and 1 preceding), 0) as run
  from ended
),
runs as (
  select station_id, connector_id, run,
         count(*) filter (where not completed) as failures,
         min(end_time) filter (where not completed) as failing_from,
         max(end_time) filter (where completed) as completed_at,
         max_by(stop_reason, end_time) filter (where not completed) as last_reason
  from numbered
  group by station_id, connector_id, run
)
select 'faulted' as type,
       case when failures >= 10 then 'critical' when failures >= 2 * $failed_in_a_row::bigint then 'high' else 'medium' end as severity,
       station_id,
       connector_id,
       null::varchar as session_id,
       failing_from as created_at,
       completed_at as resolved_at,
       failures || ' sessions in a row failed' || coalesce(' at connector ' || connector_id, '') || coalesce(', the last: ' || last_reason, '') as description
from runs
where failures >= $failed_in_a_row::bigint
