/*---
title: Charges of Monta
description: Charges from the Monta partner API, as JSON.
details:
  - The user is the paying team. The amount is what the driver pays (price).
  - A charge that failed or timed out has the status failed. Charges that did not start yet are rejected, because they have no start.
  - The columns of Monta Hub's CSV export are not publicly documented, so this mapping does not read it.
source: charging_sessions
detect_by: [id, chargePointId, state, startedAt, stoppedAt, consumedKwh, cablePluggedInAt, fullyChargedAt, price]
ignored_fields:
  [humanReadableId, externalId, kwhPerHour, cost, priceLimit, averagePricePerKwh, averageCo2PerKwh, averageRenewablePerKwh, failureReason,
   paymentMethod, note, chargePointKw, kwhLimit, socLimit, createdAt, siteId, teamId, userId, startSource, paymentSession,
   sponsoredChargePointId, costGroup, priceGroup, paymentGroup, tariffId, breakdown, partnerExternalId, genericPaymentSession]
---*/
select "id" as session_id,
       "id" as transaction_id,
       "chargePointId" as station_id,
       member("payingTeam", '$.id') as user_id,
       member("chargeAuth", '$.id') as rfid,
       "startedAt" as start_time,
       coalesce("stoppedAt", "failedAt", "timeoutAt") as end_time,
       "consumedKwh" as energy_kwh,
       "startMeterKwh" || ' kWh' as meter_start,
       "endMeterKwh" || ' kWh' as meter_stop,
       member("soc", '$.percentage') as stop_soc,
       "price" as amount_paid,
       member("currency", '$.identifier') as currency,
       case when coalesce("failedAt", "timeoutAt") is not null then 'failed' else "state" end as status,
       "stopReason" as stop_reason,
       "updatedAt" as "timestamp"
from input
