with chosen as (
  select user_id, energy_kwh, amount_paid, currency, start_time, end_time,
         end_time >= start_time and energy_kwh > 0 and coalesce(status not ilike 'failed' and status not ilike 'invalid', true) as done
  from charging_sessions
)
select date_trunc('month', start_time)::date as month, user_id, null as name, count(*) filter (done), sum(energy_kwh) filter (done), sum(amount_paid), any_value(currency),
       sum(epoch_us(end_time) // 1000000 - epoch_us(start_time) // 1000000) filter (done) / 60, min(start_time), max(start_time)
from chosen where done or amount_paid is not null
group by month, user_id order by month, user_id limit 1000
