/*---
title: AIL Lugano sites
description: The list of AIL's charging stations, as sites. Its coordinates, on the Swiss grid, are left out.
source: sites
recognise: [ChargingStationId, ChargingStationName, Description, Paese, Stazione, X, Y]
---*/
select "ChargingStationId" as site_id,
       "Stazione" as site_name,
       'Europe/Zurich' as timezone,
       "Paese" as city,
       'CH' as country,
       'AIL' as operator
from input
