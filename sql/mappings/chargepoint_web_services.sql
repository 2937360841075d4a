/*---
title: Sessions from ChargePoint Web Services
description: Sessions of a station owner from ChargePoint's Web Services API (getChargingSessionData), as JSON or CSV.
details:
  - Times have an offset, or are in UTC.
  - The user is the driver's user ID, else the credential.
source: charging_sessions
detect_by: [stationID, stationName, portNumber, sessionID, Energy, startTime, endTime, userID, credentialID]
ignored_fields:
  [groupName, Address, City, State, Country, postalCode, recordNumber, driverAccountNumber, driverName, companyName, companyID, employeeID,
   totalChargingDuration, totalSessionDuration, orgID, organizationName, userName]
tz: UTC
---*/
select "sessionID" as session_id,
       "sessionID" as transaction_id,
       "stationID" as station_id,
       "portNumber" as connector_id,
       coalesce("userID", "credentialID") as user_id,
       "credentialID" as rfid,
       "startTime" as start_time,
       "endTime" as end_time,
       "Energy" as energy_kwh,
       "startBatteryPercentage" as start_soc,
       "stopBatteryPercentage" as stop_soc,
       "stationName" as location,
       "endedBy" as stop_reason
from input
