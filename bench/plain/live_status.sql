with told as (
  select event_time, event_type, connector_id, status, session_id, energy_kwh, power_kw, heartbeat_interval_seconds
  from (select *, null::varchar as session_id, null::double as heartbeat_interval_seconds from charge_point_events)
  where station_id = 'cp_7' and event_time <= timestamp '2024-06-01'
),
line as (
  select max(event_time) filter (where event_type <> 'disconnect') as heard, max(event_time) filter (where event_type = 'disconnect') as lost,
         max(event_time) filter (where event_type = 'heartbeat') as beat, max(event_time) filter (where event_type = 'connect') as linked,
         2 * coalesce(max_by(heartbeat_interval_seconds, event_time) filter (where heartbeat_interval_seconds > 0),
                      (select heartbeat_interval_seconds from charge_points where station_id = 'cp_7'), 300) as patience
  from told
),
plugs as (
  select connector_id, max_by(status, event_time) as status, max(event_time) filter (where status = 'Available') as freed from told where status is not null group by connector_id
),
running as (
  select connector_id, session_id, start_time, case when end_time is null then energy_kwh end as own from charging_sessions
  where station_id = 'cp_7' and start_time <= timestamp '2024-06-01' and (end_time is null or end_time > timestamp '2024-06-01')
  qualify row_number() over (partition by connector_id order by start_time desc) = 1
),
metered as (
  select running.session_id, max_by(told.energy_kwh, event_time) as energy, max_by(told.power_kw, event_time) as power
  from running join told on event_type = 'meter' and event_time >= start_time and (told.session_id = running.session_id or (told.session_id is null and told.connector_id = running.connector_id))
  group by running.session_id
)
select 'cp_7' as charge_point_id,
       not (lost > heard or lost = heard and coalesce(linked < lost, true) or timestamp '2024-06-01' > heard + to_seconds(patience) and beat >= heard - to_seconds(patience)) as online,
       connector_id, status, running.session_id, coalesce(energy, own) as energy_kwh, power as power_kw
from line cross join connectors left join plugs using (connector_id)
  left join running on running.connector_id = connectors.connector_id and (freed is null or freed <= start_time)
  left join metered using (session_id)
where station_id = 'cp_7' order by connector_id
