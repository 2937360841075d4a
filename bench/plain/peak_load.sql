with sessions as (
  select site_id, epoch_us(start_time) // 1000000 as a, greatest(epoch_us(end_time) // 1000000, a + 1) as b, round(coalesce(energy_kwh, 0) * 3600000000 / (b - a))::bigint as milliwatts
  from charging_sessions
),
changes as (select site_id, a as t, 1 as step, milliwatts from sessions union all select site_id, b, -1, -milliwatts from sessions),
loads as (
  select site_id, t, sum(step) over w as n, sum(milliwatts) over w as power
  from changes window w as (partition by site_id order by t, step rows unbounded preceding)
),
peaks as (select site_id, max(n) as most, max(power) as highest from loads group by site_id)
select site_id, site_name, date '2023-01-01', most, highest / 1e6, timestamp '1970-01-01' + to_seconds(min(t) filter (n = most)) as most_at, timestamp '1970-01-01' + to_seconds(min(t) filter (power = highest))
from loads join peaks using (site_id) left join sites using (site_id)
group by all order by site_id
