/*---
title: Sessions of evcc
description: Charging sessions of evcc, exported as CSV in English.
details:
  - Times are local, without a zone. A session lasts from plugging in to unplugging.
  - The user is the vehicle; the identifier is the RFID card.
  - The file does not name the currency of the cost.
  - "The session ID is made of charging point and start: sessions have no ID in the CSV file."
source: charging_sessions
local_times: true
detect_by: [Created, Finished, Charging point, Identifier, Vehicle, Meter start (kWh), Meter stop (kWh), Energy (kWh), Duration, Solar (%)]
ignored_fields:
  [Mileage (km), Odometer, Odometer (km), Added range (km), Price/kWh, CO₂/kWh, CO2/kWh (gCO2eq), Reference Price/kWh,
   Reference CO2/kWh (gCO2eq)]
key_from: [station_id, start_time]
---*/
select "Charging point" as station_id,
       "Vehicle" as user_id,
       "Identifier" as rfid,
       "Created" as start_time,
       "Finished" as end_time,
       "Energy (kWh)" as energy_kwh,
       "Meter start (kWh)" || ' kWh' as meter_start,
       "Meter stop (kWh)" || ' kWh' as meter_stop,
       "SoC start (%)" as start_soc,
       "SoC end (%)" as stop_soc,
       coalesce("Cost", "Price") as amount_paid
from input
