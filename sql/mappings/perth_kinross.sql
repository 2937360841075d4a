/*---
title: Perth & Kinross sessions
description: Sessions at the chargers of Perth & Kinross Council.
details:
  - Rows are numbered anew in every file, so the session ID is made of charge point, connector and start.
  - Starts have no seconds, so sessions with the same start and different ends are separate, and numbered.
  - Day and month are swapped in some dates. Nothing in the row shows it, so dates are imported as they are.
source: charging_sessions
detect_by: [CP ID, Connector, Start Date, Start Time, End Date, End Time, Total kWh, Site, Model]
ignored_fields: [_id, FID, ObjectId]
key_from: [station_id, connector_id, start_time]
separate_by: [end_time]
tz: Europe/London
---*/
select "CP ID" as station_id,
       "Connector" as connector_id,
       "Site" as location,
       day_and_time(replace("Start Date", 'T00:00:00', ''), "Start Time") as start_time,
       day_and_time(replace("End Date", 'T00:00:00', ''), "End Time") as end_time,
       "Total kWh" as energy_kwh
from input
