/*---
title: OCPP message log
description: Every frame of OCPP 1.6 or 2.0.1 between charge points and back office, with the time it was logged.
details:
  - The event type of a call is its action; responses are call_result and call_error.
  - The event ID is made of charge point, time, message kind and message ID. Frames with the same values are kept and numbered.
  - The transaction number of OCPP 1.6 is only in the response to StartTransaction.
  - Transactions become rows of charging_sessions too, with IDs that begin with `ocpp/`; see charging_sessions.
source: charge_point_events
detect_by: [timestamp, id, action, msg]
duplicates: keep
key_from: [station_id, last_updated, event_type, event_id]
---*/
select case when json_valid("msg") then json_extract_string("msg", '$[1]') end as event_id,
       "id" as station_id,
       ocpp_event("msg") as event_type,
       coalesce(ocpp_field("msg", 'timestamp'), ocpp_field("msg", 'meterValue[0].timestamp'), "timestamp") as event_time,
       case when contains("msg", '"evse') then ocpp_connector("msg") else ocpp_field("msg", 'connectorId') end as connector_id,
       ocpp_field("msg", 'status') as status,
       ocpp_field("msg", 'errorCode') as error_code,
       ocpp_field("msg", 'vendorErrorCode') as vendor_error_code,
       ocpp_field("msg", 'info') as info,
       case when contains("msg", '"TransactionEvent"') then ocpp_field("msg", 'transactionInfo.stoppedReason') else ocpp_field("msg", 'reason') end as reason,
       ocpp_field("msg", 'interval') as heartbeat_interval_seconds,
       ocpp_field("msg", 'firmwareVersion') as firmware_version,
       case when contains("msg", '"TransactionEvent"') then ocpp_field("msg", 'transactionInfo.transactionId') else ocpp_field("msg", 'transactionId') end as transaction_id,
       case when contains("msg", '"TransactionEvent"') then ocpp_field("msg", 'idToken.idToken') else ocpp_field("msg", 'idTag') end as id_tag,
       coalesce(ocpp_field("msg", 'meterStart'), ocpp_field("msg", 'meterStop'), ocpp_reading("msg", 'Energy.Active.Import.Register')) as meter_wh,
       ocpp_reading("msg", 'Power.Active.Import') as power_kw,
       ocpp_reading("msg", 'SoC') as soc,
       "msg" as payload,
       "timestamp" as last_updated
from input
