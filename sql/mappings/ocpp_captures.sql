/*---
title: OCPP 1.6 captures
description: >-
  OCPP frames noted from the field. The time is the frame's own; only a frame without one has the time it was logged, which is local time, so --tz says where.
  A frame is known by charge point, logged time, kind and message id; frames alike in these are kept and numbered. A frame of a charge point not told goes to quarantine.
source: charge_point_events
recognise: [station, logged_at, dir, frame]
date_order: dmy
twins: counted
---*/
select concat_ws('/', "station", "logged_at", ocpp_event("frame"), case when json_valid("frame") then json_extract_string("frame", '$[1]') end) as event_id,
       "station" as station_id,
       ocpp_event("frame") as event_type,
       coalesce(ocpp_field("frame", 'timestamp'), ocpp_field("frame", 'meterValue[0].timestamp'), ocpp_field("frame", 'currentTime'), "logged_at") as event_time,
       ocpp_field("frame", 'connectorId') as connector_id,
       ocpp_field("frame", 'status') as status,
       ocpp_field("frame", 'errorCode') as error_code,
       ocpp_field("frame", 'vendorErrorCode') as vendor_error_code,
       ocpp_field("frame", 'info') as info,
       ocpp_field("frame", 'reason') as reason,
       ocpp_field("frame", 'interval') as heartbeat_interval_seconds,
       ocpp_field("frame", 'firmwareVersion') as firmware_version,
       ocpp_field("frame", 'transactionId') as transaction_id,
       ocpp_field("frame", 'idTag') as id_tag,
       coalesce(ocpp_field("frame", 'meterStart'), ocpp_field("frame", 'meterStop'), ocpp_reading("frame", 'Energy.Active.Import.Register')) as meter_wh,
       ocpp_reading("frame", 'Power.Active.Import') as power_kw,
       ocpp_reading("frame", 'SoC') as soc,
       "frame" as payload
from input
