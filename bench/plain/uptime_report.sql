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
offline as (
  select heard.station_id, next_heard, min(case when gone then event_time else event_time + to_seconds(2 * heartbeat_interval_seconds) end) as gone_at
  from heard join charge_points using (station_id)
  where gone
     or (coalesce(next_told, timestamp '2025-01-01') > event_time + to_seconds(2 * heartbeat_interval_seconds) and last_beat >= event_time - to_seconds(2 * heartbeat_interval_seconds))
  group by heard.station_id, next_heard
),
states as (
  select station_id, status, event_time, lead(event_time) over (partition by station_id, connector_id order by event_time, event_id) as until
  from charge_point_events where status is not null and event_time <= timestamp '2025-01-01'
),
plugs as (
  select station_id, count(distinct connector_id) as n, min(event_time) as first_heard
  from charge_point_events where event_time <= timestamp '2025-01-01' group by station_id
),
changes as (
  select station_id, gone_at as t, n as weight from offline join plugs using (station_id)
  union all select station_id, coalesce(next_heard, timestamp '2025-01-01'), -n from offline join plugs using (station_id)
  union all select station_id, event_time, 1 from states where status = 'Faulted'
  union all select station_id, coalesce(until, timestamp '2025-01-01'), -1 from states where status = 'Faulted'
),
steps as (
  select station_id, t, sum(weight) over (partition by station_id order by t) as depth, lead(t) over (partition by station_id order by t) as next_t from changes
),
lost as (
  select station_id, sum(epoch_us(next_t) - epoch_us(greatest(t, timestamp '2024-12-02'))) / 60e6 as down
  from steps join plugs using (station_id) where depth >= n and next_t > timestamp '2024-12-02' and next_t > t group by station_id
)
select station_id, charge_point_name, site_id, null as port_id, round(100 - coalesce(down, 0) / 432, 3) as uptime_percent, coalesce(down, 0) as down_minutes, 0 as excluded, 43200 as minutes, timestamp '2024-12-02', timestamp '2025-01-01'
from plugs left join lost using (station_id) join charge_points using (station_id)
order by uptime_percent, station_id limit 1000
