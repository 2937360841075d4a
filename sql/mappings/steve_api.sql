/*---
title: SteVe transactions from the API
description: Transactions of the charge point management system SteVe from /api/v1/transactions, as JSON.
details:
  - Energy is the difference of the meter readings, which are in Wh. It is null if the meter ran backwards.
  - Sessions have the same IDs as in the CSV export.
source: charging_sessions
detect_by: [id, connectorId, chargeBoxId, ocppIdTag, startValue, startTimestamp, stopValue, stopTimestamp]
ignored_fields: [chargeBoxPk, ocppTagPk, stopEventActor, startTimestampFormatted, stopTimestampFormatted]
---*/
select "chargeBoxId" || '/' || "id" as session_id,
       "id" as transaction_id,
       "chargeBoxId" as station_id,
       "connectorId" as connector_id,
       "userId" as user_id,
       "ocppIdTag" as rfid,
       "startTimestamp" as start_time,
       "stopTimestamp" as end_time,
       times(meter_difference_text("startValue", "stopValue"), 0.001) as energy_kwh,
       "startValue" as meter_start,
       "stopValue" as meter_stop,
       "stopReason" as stop_reason
from input
