/*---
title: OCPP captures
description: OCPP 1.6 or 2.0.1 frames captured in the field.
details:
  - "The event time comes from the frame. A frame without a time uses the time it was logged, which is local: pass --tz."
  - The event ID is derived from charge point, logged time, message kind and message ID. Frames with the same values are kept and numbered.
  - A frame without a charge point is rejected.
  - Transactions become rows of charging_sessions too, with IDs that begin with `ocpp/`; see charging_sessions.
source: charge_point_events
detect_by: [station, logged_at, dir, frame]
ignored_fields: [source, note]
date_order: dmy
duplicates: keep
---*/
select concat_ws('/', "station", "logged_at", ocpp_event("frame"), case when json_valid("frame") then json_extract_string("frame", '$[1]') end) as event_id,
       "station" as station_id,
       ocpp_event("frame") as event_type,
       coalesce(ocpp_field("frame", 'timestamp'), ocpp_field("frame", 'meterValue[0].timestamp'), ocpp_field("frame", 'currentTime'), "logged_at") as event_time,
       case when contains("frame", '"evse') then ocpp_connector("frame") else ocpp_field("frame", 'connectorId') end as connector_id,
       ocpp_field("frame", 'status') as status,
       ocpp_field("frame", 'errorCode') as error_code,
       ocpp_field("frame", 'vendorErrorCode') as vendor_error_code,
       ocpp_field("frame", 'info') as info,
       case when contains("frame", '"TransactionEvent"') then ocpp_field("frame", 'transactionInfo.stoppedReason') else ocpp_field("frame", 'reason') end as reason,
       ocpp_field("frame", 'interval') as heartbeat_interval_seconds,
       ocpp_field("frame", 'firmwareVersion') as firmware_version,
       case when contains("frame", '"TransactionEvent"') then ocpp_field("frame", 'transactionInfo.transactionId') else ocpp_field("frame", 'transactionId') end as transaction_id,
       case when contains("frame", '"TransactionEvent"') then ocpp_field("frame", 'idToken.idToken') else ocpp_field("frame", 'idTag') end as id_tag,
       coalesce(ocpp_field("frame", 'meterStart'), ocpp_field("frame", 'meterStop'), ocpp_reading("frame", 'Energy.Active.Import.Register')) as meter_wh,
       ocpp_reading("frame", 'Power.Active.Import') as power_kw,
       ocpp_reading("frame", 'SoC') as soc,
       "frame" as payload
from input
