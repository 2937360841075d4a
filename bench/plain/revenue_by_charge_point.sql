select station_id, coalesce(charge_point_name, station_id), revenue, n, revenue::double / sum(revenue) over (), currency
from (select station_id, sum(amount_paid) as revenue, count(*) filter (done) as n, max(currency) as currency from (select *, end_time >= start_time and energy_kwh > 0 and coalesce(status not ilike 'failed' and status not ilike 'invalid', true) as done from charging_sessions) group by station_id)
  left join charge_points using (station_id)
order by revenue desc, station_id limit 1000
