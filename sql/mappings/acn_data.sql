/*---
title: ACN-Data sessions
description: Sessions of the adaptive charging networks of Caltech, JPL and others, from the ACN-Data API.
details:
  - What drivers requested is kept in transaction_data.
source: charging_sessions
detect_by: [connectionTime, disconnectTime, kWhDelivered, sessionID, siteID, spaceID, stationID]
ignored_fields: [clusterID, doneChargingTime, timezone]
---*/
select "sessionID" as session_id,
       "_id" as transaction_id,
       "stationID" as station_id,
       "siteID" as site_id,
       "userID" as user_id,
       "connectionTime" as start_time,
       "disconnectTime" as end_time,
       "kWhDelivered" as energy_kwh,
       "userInputs" as transaction_data
from input
