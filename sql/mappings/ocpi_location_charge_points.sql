/*---
title: OCPI 2.2.1 Location, as charge points
description: EVSEs of locations, imported as charge points.
details:
  - OCPI has no charge point above an EVSE, so each EVSE is a charge point.
  - IDs include country and party, because each party numbers its records independently.
source: charge_points
detect_by: [country_code, party_id, id, publish, address, city, country, coordinates, time_zone, last_updated]
ignored_fields:
  [name, postal_code, state, publish_allowed_to, related_locations, parking_type, evses, directions, operator, suboperator, owner,
   facilities, opening_times, charging_when_closed, images, energy_mix]
unnest: [evses]
---*/
select member("parent", '$.country_code') || '/' || member("parent", '$.party_id') || '/' || "uid" as station_id,
       coalesce("evse_id", "physical_reference") as charge_point_name,
       member("parent", '$.country_code') || '/' || member("parent", '$.party_id') || '/' || member("parent", '$.id') as site_id,
       "last_updated" as last_updated
from input
