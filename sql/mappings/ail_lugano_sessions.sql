/*---
title: AIL Lugano sessions
description: Sessions at the public chargers of AIL, the utility of Lugano.
details:
  - Both date formats (01/13/2017 and 01.03.17) are month first.
  - Energy comes from PowerConsumption in Wh, because the kWh column is rounded.
  - Debit is the amount the driver paid.
  - The user Sconosciuto is imported as null.
source: charging_sessions
detect_by: [ChargeLogId, UserId, BeginDate, BeginHour, EndDate, EndHour, PowerConsumption, Debit, Currency, ChargingStationId, Plug]
ignored_fields:
  [anno, Duration, Durata ore, Consumo kWh, Durata min, Net Payout, Parking fee, Penalty, Tariffa, quota elettricità, TransactionType,
   Paese, PlugType, UserOperatorName, UserOperatorId]
date_order: mdy
tz: Europe/Zurich
null_values:
  UserId: [Sconosciuto]
---*/
select "ChargingStationId" || '/' || "ChargeLogId" as session_id,
       "ChargeLogId" as transaction_id,
       "ChargingStationId" as station_id,
       "Plug" as connector_id,
       "UserId" as user_id,
       coalesce("Stazione", "ChargingStationName") as location,
       day_and_time("BeginDate", "BeginHour") as start_time,
       day_and_time("EndDate", "EndHour") as end_time,
       times("PowerConsumption", 0.001) as energy_kwh,
       "Debit" as amount_paid,
       "Currency" as currency
from input
