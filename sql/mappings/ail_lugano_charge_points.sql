/*---
title: AIL Lugano charge points
description: The list of AIL's charging stations, as charge points; each is a site of its own.
source: charge_points
recognise: [ChargingStationId, ChargingStationName, Description, Paese, Stazione, X, Y]
---*/
select "ChargingStationId" as station_id,
       "ChargingStationName" as charge_point_name,
       "ChargingStationId" as site_id
from input
