/*---
title: OCPI 2.2.1 Location, as charge points
description: The EVSEs of locations. OCPI knows no charge point above an EVSE, so each is one. Ids hold country and party, for each party numbers by itself.
source: charge_points
recognise: [country_code, party_id, id, publish, address, city, country, coordinates, time_zone, last_updated]
each: [evses]
---*/
select member("parent", '$.country_code') || '/' || member("parent", '$.party_id') || '/' || "uid" as station_id,
       coalesce("evse_id", "physical_reference") as charge_point_name,
       member("parent", '$.country_code') || '/' || member("parent", '$.party_id') || '/' || member("parent", '$.id') as site_id,
       "last_updated" as last_updated
from input
