select tariff_id, coalesce(tariff_name, tariff_id), revenue, n
from (select tariff_id, sum(amount_paid) as revenue, count(*) filter (done) as n, case when count(distinct currency) > 1 then error('several currencies') end as mixed
      from (select *, end_time >= start_time and energy_kwh > 0 and coalesce(status not ilike 'failed' and status not ilike 'invalid', true) as done from charging_sessions) group by tariff_id)
  left join tariffs using (tariff_id)
where mixed is null
order by revenue desc, tariff_id
