/*---
title: Leeds sessions
description: >-
  Sessions at the chargers of Leeds City Council. Some files have the day first, some the month; each file's own days tell.
  An end in 1970 is unknown, as are the users unknown and #N/A.
source: charging_sessions
recognise: [Charging event, User ID, CP ID, Connector, Start Date, Start Time, End Date, End Time, Total kWh, Site, Model]
tz: Europe/London
sentinels:
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
       -- The clock time beside an end in 1970 means as little.
       case when "End Date" is not null then day_and_time("End Date", "End Time") end as end_time,
       "Total kWh" as energy_kwh
from input
