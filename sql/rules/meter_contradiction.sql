/*---
title: Meter readings contradict the energy
description: Finds ended sessions whose meter readings do not match their energy, or are marked as invalid.
details:
  - The tolerance is meter_tolerance_kwh, or 1 % of the energy if that is more.
  - The issue stays until the session is corrected.
  - "Severity: high from 10 kWh on and if the meter ran backwards, else medium."
params:
  meter_tolerance_kwh: { description: Tolerated difference, default: 0.1, min: 0 }
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
---*/
with meter_checks as (
  select station_id, connector_id, session_id, end_time, energy_kwh,
         (meter_stop - meter_start) / 1000::double as metered_kwh,
         meter_contradicts(meter_start, meter_stop, energy_kwh, $meter_tolerance_kwh::double) as contradicts,
         meter_difference(meter_start, meter_stop, energy_kwh) as difference
  from filtered_sessions
  where end_time <= $as_of::timestamp
    and (invalid_meter_reading or meter_contradicts(meter_start, meter_stop, energy_kwh, $meter_tolerance_kwh::double))
)
select 'billing' as type,
       case when metered_kwh < 0 or difference >= 10 then 'high' else 'medium' end as severity,
       station_id,
       connector_id,
       session_id,
       end_time as created_at,
       null::timestamp as resolved_at,
       case when metered_kwh < 0 then 'The meter ran backwards by ' || number_text(round(-metered_kwh, 3)) || ' kWh'
              || coalesce(', the session says ' || number_text(round(energy_kwh::double, 3)) || ' kWh', '')
            when contradicts
              then 'Meter readings give ' || number_text(round(metered_kwh, 3)) || ' kWh, the session says ' || number_text(round(energy_kwh::double, 3)) || ' kWh'
            else 'Meter readings are said not to be trusted' end as description
from meter_checks
