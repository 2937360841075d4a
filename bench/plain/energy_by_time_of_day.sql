with spans as (select energy_kwh, epoch_us(start_time) // 1000000 as a, greatest(epoch_us(end_time) // 1000000, a + 1) as b from charging_sessions where end_time >= start_time and energy_kwh > 0 and coalesce(status not ilike 'failed' and status not ilike 'invalid', true)),
parts as (select energy_kwh, a, b, unnest(range(a // 3600, (b - 1) // 3600 + 1)) as h from spans),
hours as (select h % 24 as hour, sum(energy_kwh * (least(b, (h + 1) * 3600) - greatest(a, h * 3600)) / (b - a)) as kwh from parts group by 1)
select hour, kwh / (select date_diff('day', min(start_time), max(start_time)) + 1 from charging_sessions where end_time >= start_time and energy_kwh > 0 and coalesce(status not ilike 'failed' and status not ilike 'invalid', true)) from hours order by hour
