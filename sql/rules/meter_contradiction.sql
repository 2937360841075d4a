/*---
title: Meter readings contradict the energy
description: >-
  An ended session whose meter readings give another energy than it says, or of which it is said that its readings cannot
  be trusted. Readings and energy may differ by meter_tolerance_kwh, or by 1 % of the energy where that is more. It lasts
  until the session is corrected. High from 10 kWh on and where the meter ran backwards, medium below.
params:
  meter_tolerance_kwh: { description: Difference that is none, default: 0.1, min: 0 }
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2025-12-31 12:00:00" }
---*/
with metered as (
  select station_id, connector_id, session_id, end_time, energy_kwh,
         (meter_stop - meter_start) / 1000::double as metered_kwh,
         meter_contradicts(meter_start, meter_stop, energy_kwh, $meter_tolerance_kwh::double) as contradicts,
         meter_off_by(meter_start, meter_stop, energy_kwh) as off_by
  from sessions_chosen
  where end_time <= $as_of::timestamp
    and (invalid_meter_reading or meter_contradicts(meter_start, meter_stop, energy_kwh, $meter_tolerance_kwh::double))
)
select 'billing' as type,
       case when metered_kwh < 0 or off_by >= 10 then 'high' else 'medium' end as severity,
       station_id,
       connector_id,
       session_id,
       end_time as created_at,
       null::timestamp as resolved_at,
       case when metered_kwh < 0 then 'The meter ran backwards by ' || round(-metered_kwh, 3) || ' kWh'
              || coalesce(', the session says ' || round(energy_kwh, 3) || ' kWh', '')
            when contradicts
              then 'Meter readings give ' || round(metered_kwh, 3) || ' kWh, the session says ' || round(energy_kwh, 3) || ' kWh'
            else 'Meter readings are said not to be trusted' end as description
from metered
