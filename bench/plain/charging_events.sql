select count(*)
from charging_sessions s
left join sites on sites.site_id = s.site_id
left join charge_points c on c.station_id = s.station_id
left join connectors k on k.station_id = s.station_id and k.connector_id = s.connector_id
where s.site_id = 'site_3' and s.end_time is not null and s.start_time between '2023-03-01' and '2024-09-30 23:59:59.999999'
  and (s.session_id ilike '%rfid\_123%' escape '\' or s.station_id ilike '%rfid\_123%' escape '\' or s.connector_id ilike '%rfid\_123%' escape '\'
       or s.rfid ilike '%rfid\_123%' escape '\' or c.charge_point_name ilike '%rfid\_123%' escape '\' or site_name ilike '%rfid\_123%' escape '\');
select count(*) > 0 from charging_sessions where site_id = 'site_3' and end_time is not null and session_id is null;
select 4503599627370496 + ('0x' || left(md5(s.session_id), 13))::bigint, s."timestamp", s.start_time, s.end_time, date_diff('second', s.start_time, s.end_time), null,
       s.site_id, site_name, s.station_id, charge_point_name, null, s.connector_id, s.connector_id, energy_kwh, meter_start, meter_stop,
       invalid_meter_reading or abs((meter_stop - meter_start) / 1000 - energy_kwh) > greatest(0.1, 0.01 * energy_kwh), null, null, rfid, null, null,
       amount_paid, null, null, false, currency
from charging_sessions s
left join sites on sites.site_id = s.site_id
left join charge_points c on c.station_id = s.station_id
left join connectors k on k.station_id = s.station_id and k.connector_id = s.connector_id
where s.site_id = 'site_3' and s.end_time is not null and s.start_time between '2023-03-01' and '2024-09-30 23:59:59.999999'
  and (s.session_id ilike '%rfid\_123%' escape '\' or s.station_id ilike '%rfid\_123%' escape '\' or s.connector_id ilike '%rfid\_123%' escape '\'
       or s.rfid ilike '%rfid\_123%' escape '\' or c.charge_point_name ilike '%rfid\_123%' escape '\' or site_name ilike '%rfid\_123%' escape '\')
order by energy_kwh desc, s.session_id limit 100 offset 200
