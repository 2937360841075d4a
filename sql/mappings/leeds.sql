/*---
title: Leeds sessions
description: Sessions at the chargers of Leeds City Council.
details:
  - Dates are day first in some files and month first in others; the order is detected from each file's dates.
  - An end in 1970 is imported as null.
  - "The users unknown and #N/A are imported as null."
source: charging_sessions
detect_by: [Charging event, User ID, CP ID, Connector, Start Date, Start Time, End Date, End Time, Total kWh, Site, Model]
ignored_fields: [_id, FID, ObjectId]
tz: Europe/London
null_values:
  User ID: [unknown, "#N/A"]
  End Date: [01/01/1970]
---*/
select "CP ID" || '/' || "Charging event" as session_id,
       "Charging event" as transaction_id,
       "CP ID" as station_id,
       "Connector" as connector_id,
       "User ID" as user_id,
       "Site" as location,
       day_and_time("Start Date", "Start Time") as start_time,
       -- An end date in 1970 stands for no end, so its time is ignored too.
       case when "End Date" is not null then day_and_time("End Date", "End Time") end as end_time,
       "Total kWh" as energy_kwh
from input
