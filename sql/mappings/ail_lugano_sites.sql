/*---
title: AIL Lugano sites
description: Sites from AIL's list of charging stations.
details:
  - The coordinates use the Swiss grid and are not imported.
source: sites
detect_by: [ChargingStationId, ChargingStationName, Description, Paese, Stazione, X, Y]
ignored_fields: ["osservazioni GIS"]
---*/
select "ChargingStationId" as site_id,
       "Stazione" as site_name,
       'Europe/Zurich' as timezone,
       "Paese" as city,
       'CH' as country,
       'AIL' as operator
from input
