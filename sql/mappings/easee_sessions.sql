/*---
title: Sessions of Easee
description: Charging sessions from the Easee API, as JSON or CSV with the same names.
details:
  - A session lasts from connecting to disconnecting the car.
  - Each charger numbers its sessions, so the session ID is derived from charger and number. Sessions of a response without chargerId are rejected.
  - The amount includes VAT. Without a price, Easee gives 0.
  - The columns of the portal's consumption report are not publicly documented, so this mapping does not read it.
source: charging_sessions
detect_by: [id, carConnected, carDisconnected, kiloWattHours, actualDurationSeconds]
ignored_fields:
  [pricePerKwhExcludingVat, pricePrKwhIncludingVat, costExcludingVat, vatPercentage, firstEnergyTransferPeriodStarted,
   lastEnergyTransferPeriodEnd, isComplete, sessionEnergyDetails]
---*/
select "chargerId" || '/' || "id" as session_id,
       "id" as transaction_id,
       "chargerId" as station_id,
       "authUser" as user_id,
       "authToken" as rfid,
       "carConnected" as start_time,
       "carDisconnected" as end_time,
       "kiloWattHours" as energy_kwh,
       "costIncludingVat" as amount_paid,
       coalesce("currency", "currencyId") as currency
from input
