/*---
title: Workplace charging, Harvard Dataverse
description: Sessions of a workplace charging programme in the USA in 2014 and 2015, published by Asensio and others.
details:
  - The years 0014 and 0015 are corrected to 2014 and 2015.
  - "Times are read as UTC: over the year, arrival times shift with daylight saving time, which local times would not."
source: charging_sessions
detect_by: [sessionId, dollars, created, ended, chargeTimeHrs, userId, stationId, locationId, managerVehicle, facilityType, kwhTotal]
ignored_fields: [startTime, endTime, weekday, platform, distance, Mon, Tues, Wed, Thurs, Fri, Sat, Sun, reportedZip]
tz: UTC
null_values:
  "*": [NA]
---*/
select "stationId" || '/' || "sessionId" as session_id,
       "sessionId" as transaction_id,
       "stationId" as station_id,
       "locationId" as site_id,
       "userId" as user_id,
       regexp_replace("created", '^001([45]-)', '201\1') as start_time,
       regexp_replace("ended", '^001([45]-)', '201\1') as end_time,
       "kwhTotal" as energy_kwh,
       "dollars" as amount_paid,
       'USD' as currency
from input
