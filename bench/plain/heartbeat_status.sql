with told as (
  select max(event_time) filter (where event_type = 'heartbeat') as beat
  from charge_point_events where station_id = 'cp_7' and event_time <= timestamp '2024-06-01'
)
select station_id as charge_point_id, beat as last_heartbeat_at, heartbeat_interval_seconds,
       case when beat is null then 'unknown' when timestamp '2024-06-01' <= beat + to_seconds(2 * heartbeat_interval_seconds) then 'healthy'
            when timestamp '2024-06-01' <= beat + to_seconds(5 * heartbeat_interval_seconds) then 'late' else 'stale' end as status
from charge_points cross join told where station_id = 'cp_7'
