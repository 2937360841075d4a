/*---
title: OCPI 2.2.1 Location, as connectors
description: Connectors of the EVSEs of locations. Connectors of one EVSE never charge at the same time.
details:
  - Power is the given maximum, or else computed from voltage, current and phases, as OCPI specifies.
  - The tariff is the first one listed.
source: connectors
detect_by: [country_code, party_id, id, publish, address, city, country, coordinates, time_zone, last_updated]
ignored_fields:
  [name, postal_code, state, publish_allowed_to, related_locations, parking_type, evses, directions, operator, suboperator, owner,
   facilities, opening_times, charging_when_closed, images, energy_mix]
unnest: [evses, connectors]
---*/
select member("parent", '$.parent.country_code') || '/' || member("parent", '$.parent.party_id') || '/' || member("parent", '$.uid') as station_id,
       "id" as connector_id,
       member("parent", '$.uid') as evse_id,
       "standard" as connector_type,
       left("power_type", 2) as current_type,
       coalesce(times("max_electric_power", 0.001),
         (try_cast("max_voltage" as double) * try_cast("max_amperage" as double) * case "power_type" when 'AC_3_PHASE' then 3 when 'AC_2_PHASE' then 2 else 1 end / 1000)::varchar) as power_kw,
       "max_voltage" as max_voltage,
       "max_amperage" as max_amperage,
       member("parent", '$.parent.country_code') || '/' || member("parent", '$.parent.party_id') || '/' || case when json_valid("tariff_ids") then json_extract_string("tariff_ids", '$[0]') end as tariff_id,
       "last_updated" as last_updated
from input
