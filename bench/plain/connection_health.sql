with told as (
  select event_time, event_type, event_type = 'disconnect' as gone, case when event_type = 'heartbeat' then event_time end as beat,
         epoch_us(event_time) * 4 + case event_type when 'disconnect' then 1 when 'connect' then 2 else 0 end as place
  from charge_point_events where station_id = 'cp_7' and event_time <= timestamp '2024-06-01'
),
heard as (
  select *, lead(event_time) over (order by place) as next_told,
         last_value(beat ignore nulls) over (order by place rows between unbounded preceding and current row) as last_beat,
         first_value(case when not gone then event_time end ignore nulls) over (order by place rows between 1 following and unbounded following) as next_heard
  from told
),
gone as (
  select next_heard as back, min(case when gone then event_time else event_time + to_seconds(2 * heartbeat_interval_seconds) end) as lost
  from heard cross join (select heartbeat_interval_seconds from charge_points where station_id = 'cp_7')
  where gone or (coalesce(next_told, timestamp '2024-06-01') > event_time + to_seconds(2 * heartbeat_interval_seconds) and last_beat >= event_time - to_seconds(2 * heartbeat_interval_seconds))
  group by next_heard having next_heard is null or next_heard > timestamp '2024-05-31'
),
day as (
  select greatest(min(event_time), timestamp '2024-05-31') as begins, max(event_time) filter (where event_type = 'connect' and event_time > timestamp '2024-05-31') as linked from told
)
select 'cp_7' as charge_point_id,
       round(100 * (1 - coalesce(sum(epoch(coalesce(back, timestamp '2024-06-01') - greatest(lost, timestamp '2024-05-31'))) filter (where lost is not null), 0) / any_value(epoch(timestamp '2024-06-01' - begins))), 1) as uptime_percent_24h,
       count(*) filter (where lost > timestamp '2024-05-31') as disconnection_count_24h,
       greatest(any_value(linked), max(back)) as last_connected_at, max(lost) filter (where lost > timestamp '2024-05-31') as last_disconnected_at
from day left join gone on true
