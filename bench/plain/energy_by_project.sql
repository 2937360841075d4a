with delivered as (
  select coalesce(charging_sessions.site_id, charge_points.site_id) as site_id, sum(energy_kwh) as kwh, count(*) as n
  from charging_sessions left join charge_points using (station_id) where end_time >= start_time and energy_kwh > 0 and coalesce(status not ilike 'failed' and status not ilike 'invalid', true) group by 1
)
select site_id, coalesce(site_name, site_id), kwh, n from delivered left join sites using (site_id) order by kwh desc, site_id
