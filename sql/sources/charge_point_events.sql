/*---
title: Charge point events
description: One row per event reported by a charge point or its back office.
details:
  - Event types are connect, disconnect, heartbeat, status, firmware, meter, start_transaction, stop_transaction, boot, or any other text.
  - Types, statuses and error codes are kept as written, because chargers report more than OCPP defines.
  - >-
    Without an event ID, rows with the same charge point, type, time, connector, transaction, session, status, error, firmware and
    readings are one event.
  - The database stores neither such an ID nor a last_updated equal to the time. In SQL, exports and conditions they are there.
  - Events with the same time are ordered by arrival, which arrival_order shows in SQL. It is not a field of files.
  - >-
    Heartbeats that have only a charge point and a time are stored as one row per charge point and UTC day, in about a byte
    each. In SQL they are events as well, without an arrival_order. A heartbeat with an event ID or a payload is a row.
key: [event_id]
version: last_updated
partition_by: event_time
identity: [station_id, event_time, event_type]
arrival_order: arrival_order
columns:
  event_id:
    description: "Event ID; default: derived from the other columns"
    required: false
    aliases: [message_id, log_id, id]
    default: >-
      concat_ws('|', station_id, lower(event_type), event_time, connector_id, transaction_id, session_id, status, error_code,
      vendor_error_code, firmware_version, energy_kwh, meter_wh, power_kw, soc)
  station_id:
    description: Charge point that reported the event
    required: true
    aliases: [charge_point_id, charger_id, charging_station_id, chargepoint_id, charge_box_id, charge_point, charger, station]
  event_type:
    description: "Event type: connect, disconnect, heartbeat, status, firmware, meter, start_transaction, stop_transaction, boot or any other text"
    required: true
    aliases: [event, event_name, message_type, action]
  event_time:
    description: "Time of the event, UTC; last_updated if it is before 2008"
    required: true
    fallback: last_updated
    aliases: [event_timestamp, timestamp, occurred_at, occurrence_time, reported_at, time]
  connector_id:
    description: Connector the event is about; 0 or empty for the whole charge point
    aliases: [connector, connector_number, connector_no, port_number]
  status: { description: "Reported status, such as Available, Charging or Faulted; any text is kept", aliases: [connector_status] }
  error_code: { description: "Reported error code, NoError for none; any text is kept", aliases: [error] }
  vendor_error_code: { description: Vendor-specific error code, aliases: [vendor_error] }
  info: { description: Additional information from the charge point, aliases: [details, description] }
  reason: { description: Reason a transaction or connection ended, aliases: [stop_reason] }
  excluded:
    description: >-
      True if the outage that starts with this event is outside the operator's control and not counted under 23 CFR 680.116(b):
      power cut, vehicle fault, scheduled maintenance, vandalism, natural disaster
    aliases: [is_excluded, excluded_from_uptime]
  heartbeat_interval_seconds:
    description: Configured seconds between heartbeats, not negative; 0 means unknown
    unit: seconds
    aliases: [heartbeat_interval]
  firmware_version: { description: Firmware version from this event on, aliases: [firmware, fw_version] }
  session_id: { description: Session of the event, aliases: [charging_session_id] }
  transaction_id: { description: Transaction of the event, aliases: [transaction, txn_id] }
  id_tag: { description: Token that was presented, aliases: [rfid, rfid_tag, token_uid, id_token] }
  energy_kwh:
    description: Energy delivered in the session so far; kept as reported, even if negative
    unit: kWh
    aliases: [energy_consumed, energy_delivered_kwh]
  meter_wh:
    description: Meter reading; kept as reported, even if it decreases
    unit: Wh
    aliases: [meter_value_wh, meter_reading_wh, energy_register_wh, meter_start, meter_stop]
  power_kw: { description: "Current power; kept as reported, even if negative", unit: kW, aliases: [active_power_kw] }
  soc: { description: "State of charge; kept as reported, even outside 0-100", unit: percent, aliases: [state_of_charge] }
  payload: { description: Message from the charge point as valid JSON, aliases: [raw_payload, raw_message, frame, ocpp_message], personal: true }
  last_updated:
    description: "Version of the row; default: the time of the event"
    aliases: [updated_at, recorded_at, received_at, logged_at, log_time]
    default: event_time
warnings:
  - { when: "event_time < timestamp '2008-01-01'", column: event_time, reason: "is before 2008, so reports ignore the event" }
  - { when: "event_time > timezone('UTC', now()) + interval 1 day", column: event_time, reason: is in the future }
checks:
  - { when: heartbeat_interval_seconds < 0, column: heartbeat_interval_seconds, reason: is negative }
---*/
create table charge_point_events (
  event_id varchar not null,
  station_id varchar not null,
  event_type varchar not null,
  event_time timestamp not null,
  connector_id varchar,
  status varchar,
  error_code varchar,
  vendor_error_code varchar,
  info varchar,
  reason varchar,
  excluded boolean,
  heartbeat_interval_seconds double,
  firmware_version varchar,
  session_id varchar,
  transaction_id varchar,
  id_tag varchar,
  energy_kwh double,
  meter_wh double,
  power_kw double,
  soc double,
  payload json,
  last_updated timestamp not null,
  arrival_order bigint
);
