/*---
title: AIL Lugano charge points
description: Charge points from AIL's list of charging stations.
details:
  - Each charge point is a site of its own.
source: charge_points
detect_by: [ChargingStationId, ChargingStationName, Description, Paese, Stazione, X, Y]
ignored_fields: ["osservazioni GIS"]
---*/
select "ChargingStationId" as station_id,
       "ChargingStationName" as charge_point_name,
       "ChargingStationId" as site_id
from input
