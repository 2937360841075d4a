with told as (
  select station_id, event_time, event_type = 'disconnect' as gone, case when event_type = 'heartbeat' then event_time end as beat,
         epoch_us(event_time) * 4 + case event_type when 'disconnect' then 1 when 'connect' then 2 else 0 end as place
  from charge_point_events where event_time <= timestamp '2025-01-01'
),
heard as (
  select station_id, event_time, gone,
         lead(event_time) over (partition by station_id order by place) as next_told,
         last_value(beat ignore nulls) over (partition by station_id order by place rows between unbounded preceding and current row) as last_beat,
         first_value(case when not gone then event_time end ignore nulls) over (partition by station_id order by place rows between 1 following and unbounded following) as next_heard
  from told
),
gone as (
  select heard.station_id, next_heard, min(case when gone then event_time else event_time + to_seconds(2 * heartbeat_interval_seconds) end) as gone_at
  from heard join charge_points using (station_id)
  where gone
     or (coalesce(next_told, timestamp '2025-01-01') > event_time + to_seconds(2 * heartbeat_interval_seconds) and last_beat >= event_time - to_seconds(2 * heartbeat_interval_seconds))
  group by heard.station_id, next_heard
),
offline as (
  select 'connectivity' as type, station_id, next_heard is not null as over,
         case when seconds >= 86400 then 'critical' when seconds >= 14400 then 'high' when seconds >= 3600 then 'medium' else 'low' end as severity
  from (select *, epoch(coalesce(next_heard, timestamp '2025-01-01')) - epoch(gone_at) as seconds from gone)
  where seconds >= 1800
),
states as (
  select station_id, connector_id, event_time, status = 'Faulted' as faulted,
         lead(event_time) over (partition by station_id, connector_id order by event_time, event_id) as until
  from charge_point_events where status is not null and event_time <= timestamp '2025-01-01'
),
runs as (
  select *, sum(case when faulted then 0 else 1 end) over (partition by station_id, connector_id order by event_time rows between unbounded preceding and current row) as run
  from states
),
faulted as (
  select 'faulted' as type, station_id, over, case when seconds >= 86400 then 'critical' else 'high' end as severity
  from (select station_id, count(*) = count(until) as over,
               epoch(case when count(*) = count(until) then max(until) else timestamp '2025-01-01' end) - epoch(min(event_time)) as seconds
        from runs where faulted group by station_id, connector_id, run)
  where seconds >= 300
),
ended as (
  select station_id, connector_id, start_time, end_time, end_time >= start_time and energy_kwh > 0 and status <> 'failed' as completed
  from charging_sessions where end_time <= timestamp '2025-01-01'
),
rows_of_failures as (
  select station_id, connector_id, completed,
         coalesce(sum(case when completed then 1 else 0 end) over (partition by station_id, connector_id order by start_time, end_time rows between unbounded preceding and 1 preceding), 0) as run
  from ended
),
repeated as (
  select 'faulted' as type, station_id, count(*) > count(*) filter (where not completed) as over,
         case when count(*) filter (where not completed) >= 10 then 'critical' when count(*) filter (where not completed) >= 6 then 'high' else 'medium' end as severity
  from rows_of_failures group by station_id, connector_id, run having count(*) filter (where not completed) >= 3
),
metered as (
  select 'billing' as type, station_id, false as over, case when meter_stop < meter_start or abs((meter_stop - meter_start) / 1000 - energy_kwh) >= 10 then 'high' else 'medium' end as severity
  from charging_sessions
  where end_time <= timestamp '2025-01-01' and abs((meter_stop - meter_start) / 1000 - energy_kwh) > greatest(0.1, 0.01 * energy_kwh)
),
billed as (
  select 'billing' as type, station_id, false as over,
         case when abs(amount_paid::double - price_per_kwh * energy_kwh) >= 10 then 'high' when abs(amount_paid::double - price_per_kwh * energy_kwh) >= 1 then 'medium' else 'low' end as severity
  from charging_sessions join tariffs using (tariff_id)
  where end_time >= start_time and end_time <= timestamp '2025-01-01' and energy_kwh > 0 and status <> 'failed'
    and abs(amount_paid::double - price_per_kwh * energy_kwh) > 0.02
),
behind as (
  select 'firmware' as type, station_id, false as over, case when count(*) >= 2 then 'medium' else 'low' end as severity
  from charge_points
    join firmware_releases as running on running.model = charge_points.model and running.firmware_version = charge_points.firmware_version
    join firmware_releases as newer on newer.model = charge_points.model and newer.released_at > running.released_at
  where newer.approved and newer.released_at <= timestamp '2025-01-01'
  group by station_id
  having min(newer.released_at) + interval 14 day <= timestamp '2025-01-01'
),
found as (
  select type, severity, over from offline union all select type, severity, over from faulted union all select type, severity, over from repeated
  union all select type, severity, over from metered union all select type, severity, over from billed union all select type, severity, over from behind
)
select count(*) as open_count, 0 as acknowledged_count,
       count(*) filter (where type = 'connectivity') as connectivity, count(*) filter (where type = 'faulted') as faulted,
       count(*) filter (where type = 'billing') as billing, count(*) filter (where type = 'firmware') as firmware,
       count(*) filter (where severity = 'critical') as critical, count(*) filter (where severity = 'high') as high,
       count(*) filter (where severity = 'medium') as medium, count(*) filter (where severity = 'low') as low
from found where not over
