with whole as (select station_id, connector_id, epoch_us(start_time) // 1000000 as a, epoch_us(end_time) // 1000000 as b from charging_sessions where end_time > start_time),
merged as (select station_id, greatest(a, coalesce(max(b) over (partition by station_id, connector_id order by a, b rows between unbounded preceding and 1 preceding), a)) as a, b from whole),
spans as (select * from merged where b > a),
bounds as (select min(a) as a0, max(b) as b1 from spans),
clock as (select h % 24 as hour, sum(least(b1, (h + 1) * 3600) - greatest(a0, h * 3600)) as seconds from (select a0, b1, unnest(range(a0 // 3600, (b1 - 1) // 3600 + 1)) as h from bounds) group by 1),
parts as (select station_id, a, b, unnest(range(a // 3600, (b - 1) // 3600 + 1)) as h from spans),
plugged as (select station_id, h % 24 as hour, sum(least(b, (h + 1) * 3600) - greatest(a, h * 3600)) as x from parts group by 1, 2),
told as (
  select station_id, status, epoch_us(event_time) // 1000000 as a, epoch_us(lead(event_time) over w) // 1000000 as b,
         last_value(case when status = 'Charging' then true when status not in ('SuspendedEV', 'SuspendedEVSE', 'Finishing') then false end ignore nulls) over (w rows between unbounded preceding and current row) as charged
  from charge_point_events where status is not null window w as (partition by station_id, connector_id order by event_time, event_id)
),
stretches as (
  select station_id, status, a, b, unnest(range(a // 3600, (b - 1) // 3600 + 1)) as h
  from (select station_id, status, greatest(a, a0) as a, least(coalesce(b, b1), b1) as b from told, bounds where status = 'Charging' or (charged and status in ('SuspendedEV', 'Finishing')))
  where b > a
),
drawn as (
  select station_id, h % 24 as hour, sum(case when status = 'Charging' then least(b, (h + 1) * 3600) - greatest(a, h * 3600) end) as charging,
         sum(case when status <> 'Charging' then least(b, (h + 1) * 3600) - greatest(a, h * 3600) end) as idle
  from stretches group by 1, 2
),
plugs as (select station_id, count(*) as n from connectors group by 1)
select station_id, clock.hour, x / (seconds * n), x / 60, charging / 60, idle / 60, n, seconds * n / 60, charge_point_name
from charge_points cross join clock join plugs using (station_id) left join plugged using (station_id, hour) left join drawn using (station_id, hour)
order by station_id, hour
