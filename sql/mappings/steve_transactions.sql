/*---
title: SteVe transactions
description: Transactions of the charge point management system SteVe, exported as CSV.
details:
  - Energy is the difference of the meter readings, which are in Wh. It is null if the meter ran backwards.
  - Newer versions name the connector evse_id and add the user.
source: charging_sessions
detect_by: [transaction_pk, charge_box_id, id_tag, start_timestamp, start_value, stop_timestamp, stop_value]
ignored_fields: [charge_box_pk, ocpp_tag_pk, connector_pk, evse_pk, start_event_timestamp, stop_event_timestamp, stop_event_actor, event_timestamp]
---*/
select "charge_box_id" || '/' || "transaction_pk" as session_id,
       "transaction_pk" as transaction_id,
       "charge_box_id" as station_id,
       coalesce("connector_id", "evse_id") as connector_id,
       "user_pk" as user_id,
       "id_tag" as rfid,
       "start_timestamp" as start_time,
       "stop_timestamp" as end_time,
       times(meter_difference_text("start_value", "stop_value"), 0.001) as energy_kwh,
       "start_value" as meter_start,
       "stop_value" as meter_stop,
       "stop_reason" as stop_reason
from input
