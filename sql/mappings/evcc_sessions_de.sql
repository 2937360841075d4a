/*---
title: Sessions of evcc, in German
description: Charging sessions of evcc, exported as CSV in German.
details:
  - Times are local, without a zone. A session lasts from plugging in to unplugging.
  - The user is the vehicle; the identifier is the RFID card.
  - The file does not name the currency of the cost.
  - "The session ID is made of charging point and start: sessions have no ID in the CSV file."
source: charging_sessions
local_times: true
detect_by: [Startzeit, Endzeit, Ladepunkt, Kennung, Fahrzeug, Anfangszählerstand (kWh), Endzählerstand (kWh), Energie (kWh), Ladedauer, Sonne (%)]
ignored_fields:
  [Kilometerstand (km), Kilometerstand, Geladene Reichweite (km), Preis/kWh, CO₂/kWh, CO2/kWh (gCO2eq), Reference Price/kWh,
   Reference CO2/kWh (gCO2eq)]
key_from: [station_id, start_time]
---*/
select "Ladepunkt" as station_id,
       "Fahrzeug" as user_id,
       "Kennung" as rfid,
       "Startzeit" as start_time,
       "Endzeit" as end_time,
       "Energie (kWh)" as energy_kwh,
       "Anfangszählerstand (kWh)" || ' kWh' as meter_start,
       "Endzählerstand (kWh)" || ' kWh' as meter_stop,
       "Ladestand Start (%)" as start_soc,
       "Ladestand Ende (%)" as stop_soc,
       coalesce("Kosten", "Preis") as amount_paid
from input
