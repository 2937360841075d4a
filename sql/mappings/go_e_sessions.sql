/*---
title: Sessions of a go-eCharger
description: Charging log of a go-eCharger, from the link in its app or API, as JSON or CSV with the same names.
details:
  - The layout is only partly documented; its names and units come from public code that reads the log.
  - Times are local, without a zone, and day first.
  - "The log does not name the charger: all sessions have the charge point go-eCharger. For several chargers, copy this mapping and set the station."
  - Energy is in kWh. The user is the name of the RFID chip.
source: charging_sessions
local_times: true
detect_by: [session_number, session_identifier, start, end, seconds_total, seconds_charged, max_power, energy, eto_diff, eto_start, eto_end]
ignored_fields: [id_chip, max_current, wifi, link]
date_order: dmy
---*/
select 'go-eCharger/' || "session_identifier" as session_id,
       "session_number" as transaction_id,
       'go-eCharger' as station_id,
       "id_chip_name" as user_id,
       "id_chip_uid" as rfid,
       "start" as start_time,
       "end" as end_time,
       "energy" as energy_kwh,
       "eto_start" || ' kWh' as meter_start,
       "eto_end" || ' kWh' as meter_stop
from input
