/*---
title: Perth & Kinross sessions
description: >-
  Sessions at the chargers of Perth & Kinross Council. Rows are numbered anew in every file, so a session is known by charge point, connector, start, end and
  energy; a connector charges one car at a time, so rows alike in these are one. Day and month are swapped in part of the days;
  nothing in the row tells which, so they are taken as they stand.
source: charging_sessions
recognise: [CP ID, Connector, Start Date, Start Time, End Date, End Time, Total kWh, Site, Model]
tz: Europe/London
---*/
select concat_ws('/', "CP ID", "Connector", replace("Start Date", 'T00:00:00', '') || ' ' || "Start Time", replace("End Date", 'T00:00:00', '') || ' ' || "End Time", "Total kWh") as session_id,
       "CP ID" as station_id,
       "Connector" as connector_id,
       "Site" as location,
       day_and_time(replace("Start Date", 'T00:00:00', ''), "Start Time") as start_time,
       day_and_time(replace("End Date", 'T00:00:00', ''), "End Time") as end_time,
       "Total kWh" as energy_kwh
from input
