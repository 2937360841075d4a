/*---
title: Sessions of Easee, older API
description: Charging sessions from the older endpoint of the Easee API, as JSON or CSV with the same names.
details:
  - Sessions have the same IDs as in the newer responses, derived from charger and number.
  - The amount includes VAT. Without a price, Easee gives 0.
source: charging_sessions
detect_by: [chargerId, sessionId, sessionStart, sessionEnd, sessionEnergy, chargeDurationInSeconds]
ignored_fields:
  [firstEnergyTransferPeriodStart, lastEnergyTransferPeriodEnd, pricePrKwhIncludingVat, pricePerKwhExcludingVat, vatPercentage,
   costExcludingVat]
---*/
select "chargerId" || '/' || "sessionId" as session_id,
       "sessionId" as transaction_id,
       "chargerId" as station_id,
       "authUser" as user_id,
       "authToken" as rfid,
       "sessionStart" as start_time,
       "sessionEnd" as end_time,
       "sessionEnergy" as energy_kwh,
       "costIncludingVat" as amount_paid,
       "currencyId" as currency
from input
