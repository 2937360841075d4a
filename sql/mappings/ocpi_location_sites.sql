/*---
title: OCPI 2.2.1 Location, as sites
description: Locations, imported as sites.
details:
  - IDs include country and party, because each party numbers its records independently.
source: sites
detect_by: [country_code, party_id, id, publish, address, city, country, coordinates, time_zone, last_updated]
ignored_fields:
  [name, postal_code, state, publish_allowed_to, related_locations, parking_type, evses, directions, operator, suboperator, owner,
   facilities, opening_times, charging_when_closed, images, energy_mix]
---*/
select "country_code" || '/' || "party_id" || '/' || "id" as site_id,
       coalesce("name", "address") as site_name,
       "time_zone" as timezone,
       "address" as address,
       "postal_code" as postal_code,
       "city" as city,
       "state" as state,
       "country" as country,
       member("coordinates", '$.latitude') as latitude,
       member("coordinates", '$.longitude') as longitude,
       member("operator", '$.name') as operator,
       case when json_valid("opening_times") and member("opening_times", '$.twentyfourseven') = 'true' then null else "opening_times" end as opening_times,
       "last_updated" as last_updated
from input
