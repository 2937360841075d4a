with points as (select station_id, 2 * heartbeat_interval_seconds as patience from charge_points where site_id = 'site_3'),
told as (
  select station_id, connector_id, status, event_type, event_time from charge_point_events
  where station_id in (select station_id from points) and event_time <= timestamp '2024-06-01'
),
line as (
  select station_id, max(event_time) filter (where event_type <> 'disconnect') as heard, max(event_time) filter (where event_type = 'disconnect') as lost,
         max(event_time) filter (where event_type = 'heartbeat') as beat, max(event_time) filter (where event_type = 'connect') as linked
  from told group by station_id
),
online as (
  select station_id, not coalesce(lost > heard or lost = heard and coalesce(linked < lost, true)
           or timestamp '2024-06-01' > heard + to_seconds(patience) and beat >= heard - to_seconds(patience), heard is null) as up
  from points left join line using (station_id)
),
plugs as (select station_id, connector_id, max_by(status, event_time) as status from told where status is not null group by station_id, connector_id)
select 'site_3' as project_id, (select site_name from sites where site_id = 'site_3') as project_name,
       (select count(*) from online) as charge_points_total, (select count(*) from online where up) as charge_points_online,
       count(*) filter (where up and status = 'Available') as available,
       count(*) filter (where up and status in ('Charging', 'Preparing', 'Finishing')) as charging,
       count(*) filter (where up and status = 'Faulted') as faulted,
       count(*) filter (where up and status = 'Unavailable') as unavailable,
       count(*) filter (where not up or status is null) as unknown, timestamp '2024-06-01' as updated_at
from connectors join online using (station_id) left join plugs using (station_id, connector_id)
