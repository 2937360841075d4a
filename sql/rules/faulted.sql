/*---
title: Connector faulted
description: Finds connectors that report a fault for at least faulted_after_minutes, with any error code.
details:
  - >-
    The issue starts with the first faulted status. It is resolved by the first other status, or when the charge point is taken
    out of service.
  - "Severity: critical from one day on and if the whole charge point is faulted, else high."
params:
  faulted_after_minutes: { description: Minimum duration of a fault to be an issue, default: 5, min: 0, max: 5256000 }
---*/
with faulted_states as (
  select station_id, connector, error_code, since, until,
         case when coalesce(connector_state(previous_status), 'unknown') = 'faulted' then 0 else 1 end as begins_run
  from connector_states
  where state = 'faulted'
),
numbered_states as (
  select station_id, connector, error_code, since, until,
         sum(begins_run) over (partition by station_id, connector order by since, until nulls last, begins_run desc rows between unbounded preceding and current row) as run
  from faulted_states
),
faults as (
  select station_id, connector, run, min(since) as faulted_from,
         case when count(*) = count(until) then max(until) end as next_status_at,
         min_by(error_code, since) filter (where not equals_ci(error_code, 'NoError')) as first_error
  from numbered_states
  group by station_id, connector, run
),
service_faults as (
  select faults.station_id, connector, faulted_from, first_error,
         least_non_null(next_status_at, case when closed_at <= $as_of::timestamp then closed_at end) as ended_at
  from faults left join charge_points on faults.station_id = charge_points.station_id
  where closed_at is null or faulted_from < closed_at
),
fault_lengths as (
  select station_id, connector, faulted_from, first_error, ended_at,
         epoch_s(coalesce(ended_at, $as_of::timestamp)) - epoch_s(faulted_from) as seconds
  from service_faults
)
select 'faulted' as type,
       case when seconds >= 86400 or connector = '0' then 'critical' else 'high' end as severity,
       station_id,
       nullif(connector, '0') as connector_id,
       null::varchar as session_id,
       faulted_from as created_at,
       ended_at as resolved_at,
       case when connector = '0' then 'Charge point' else 'Connector ' || connector end
         || case when ended_at is null then ' has been faulted for ' else ' was faulted for ' end || duration_text(seconds)
         || coalesce(': ' || first_error, '') as description
from fault_lengths
where seconds >= $faulted_after_minutes::bigint * 60
