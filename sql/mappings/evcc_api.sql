/*---
title: Sessions of evcc from the API
description: Charging sessions of evcc from /api/sessions, as JSON.
details:
  - The user is the vehicle; the identifier is the RFID card.
  - The answer does not name the currency of the price.
  - "The session ID is made of charging point and start, as in the CSV export: both give the same sessions."
source: charging_sessions
detect_by: [id, created, finished, loadpoint, identifier, vehicle, meterStart, meterStop, chargedEnergy, chargeDuration]
ignored_fields:
  [odometer, addedRange, solarPercentage, pricePerKWh, co2PerKWh, referencePricePerKWh, referenceCo2PerKWh]
key_from: [station_id, start_time]
---*/
select "id" as transaction_id,
       "loadpoint" as station_id,
       "vehicle" as user_id,
       "identifier" as rfid,
       -- The CSV export has whole seconds.
       regexp_replace("created", '(:[0-9]{2})\.[0-9]+', '\1') as start_time,
       "finished" as end_time,
       "chargedEnergy" as energy_kwh,
       "meterStart" || ' kWh' as meter_start,
       "meterStop" || ' kWh' as meter_stop,
       "socStart" as start_soc,
       coalesce("socEnd", "socStop") as stop_soc,
       "price" as amount_paid
from input
