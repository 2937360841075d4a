/*---
title: Connector faulted
description: >-
  A connector that has reported a fault for faulted_after_minutes, whatever its error. It begins with the first status that
  says so and is over with the first that does not, or when the charge point is taken out of service. Critical from a day on
  and where the charge point as a whole is faulted, high below.
params:
  faulted_after_minutes: { description: Shortest fault that is an issue, default: 5, min: 0, max: 5256000 }
---*/
with numbered as (
  select station_id, connector, state, error_code, since, until,
         sum(case when state = 'faulted' then 0 else 1 end) over (partition by station_id, connector order by since, until nulls last rows between unbounded preceding and current row) as run
  from connector_states
),
faults as (
  select station_id, connector, run, min(since) as faulted_from,
         case when count(*) = count(until) then max(until) end as next_status_at,
         min_by(error_code, since) filter (where not same_word(error_code, 'NoError')) as first_error
  from numbered
  where state = 'faulted'
  group by station_id, connector, run
),
lasting as (
  select faults.station_id, connector, faulted_from, first_error,
         least_known(next_status_at, case when closed_at <= $as_of::timestamp then closed_at end) as over_at
  from faults left join charge_points on faults.station_id = charge_points.station_id
  where closed_at is null or faulted_from < closed_at
),
measured as (
  select station_id, connector, faulted_from, first_error, over_at,
         epoch_s(coalesce(over_at, $as_of::timestamp)) - epoch_s(faulted_from) as seconds
  from lasting
)
select 'faulted' as type,
       case when seconds >= 86400 or connector = '0' then 'critical' else 'high' end as severity,
       station_id,
       nullif(connector, '0') as connector_id,
       null::varchar as session_id,
       faulted_from as created_at,
       over_at as resolved_at,
       case when connector = '0' then 'Charge point' else 'Connector ' || connector end
         || case when over_at is null then ' has been faulted for ' else ' was faulted for ' end || span_words(seconds)
         || coalesce(': ' || first_error, '') as description
from measured
where seconds >= $faulted_after_minutes::bigint * 60
