with ended as (
  select station_id, stop_reason, session_id, energy_kwh, end_time,
         not (end_time >= start_time and energy_kwh > 0 and coalesce(status not ilike 'failed' and status not ilike 'invalid', true)) as failed
  from charging_sessions where end_time is not null
),
counted as (
  select station_id, stop_reason, count(*) as n, count(*) filter (failed) as failures, count(*) filter (failed and energy_kwh = 0) as without_energy,
         max(end_time) filter (failed) as latest, max_by(session_id, end_time) filter (failed) as example
  from ended group by all
)
select station_id, coalesce(charge_point_name, station_id), stop_reason, failures, failures / sum(n) over (partition by station_id), without_energy,
       sum(n) over (partition by station_id), latest, example
from counted left join charge_points using (station_id)
qualify failures > 0
order by failures desc, station_id, stop_reason limit 1000
