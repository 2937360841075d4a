/*---
title: Perth & Kinross sessions
description: Sessions at the chargers of Perth & Kinross Council.
details:
  - Rows are numbered anew in every file, so the session ID is derived from charge point, connector, start, end and energy.
  - A connector charges one car at a time, so rows with the same values are duplicates.
  - Day and month are swapped in some dates. Nothing in the row shows it, so dates are imported as they are.
source: charging_sessions
detect_by: [CP ID, Connector, Start Date, Start Time, End Date, End Time, Total kWh, Site, Model]
ignored_fields: [_id, FID, ObjectId]
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
