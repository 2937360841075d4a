/*---
title: Charge point events
description: >-
  One row a thing a charge point reported, or the back office saw of it: connect, disconnect, heartbeat, status, firmware,
  meter, start_transaction, stop_transaction, boot. Types, statuses and error codes are kept as the charge point wrote them,
  for chargers say more than OCPP knows. Without an id, rows alike in charge point, type, time, connector, transaction, status,
  error and readings are one event.
key: [event_id]
version: last_updated
columns:
  event_id:
    description: Identifier of the event; made of what the row says where the file has none
    required: false
    aliases: [message_id, log_id, id]
    default: >-
      concat_ws('|', station_id, lower(event_type), event_time, connector_id, transaction_id, session_id, status, error_code,
      vendor_error_code, firmware_version, energy_kwh, meter_wh, power_kw, soc)
  station_id:
    description: Charge point that reported it
    required: true
    aliases: [charge_point_id, charger_id, charging_station_id, chargepoint_id, charge_box_id, charge_point, charger, station]
  event_type:
    description: 'What it is: connect, disconnect, heartbeat, status, firmware, meter, start_transaction, stop_transaction, boot or anything else'
    required: true
    aliases: [event, event_name, message_type, action]
  event_time:
    description: When it happened, UTC
    required: true
    aliases: [event_timestamp, timestamp, occurred_at, occurrence_time, reported_at, time]
  connector_id:
    description: Connector it is about; 0 or empty is the charge point as a whole
    aliases: [connector, connector_number, connector_no, port_number]
  status: { description: 'Status as reported, as Available, Charging, Faulted; any text is kept', aliases: [connector_status] }
  error_code: { description: 'Error as reported, NoError where there is none; any text is kept', aliases: [error] }
  vendor_error_code: { description: Error in the vendor's own words, aliases: [vendor_error] }
  info: { description: Words the charge point added, aliases: [details, description] }
  reason: { description: Why a transaction stopped or a connection ended, aliases: [stop_reason] }
  excluded:
    description: >-
      True where the outage that begins with this event is outside the operator's control, and so not counted under 23 CFR 680.116(b):
      power cut, fault of the vehicle, scheduled maintenance, vandalism, natural disaster
    aliases: [is_excluded, excluded_from_uptime]
  heartbeat_interval_seconds:
    description: Seconds between two heartbeats as configured; 0 is as unknown, negative ones go to quarantine
    unit: seconds
    aliases: [heartbeat_interval]
  firmware_version: { description: Firmware it runs from now on, aliases: [firmware, fw_version] }
  session_id: { description: Session it belongs to, aliases: [charging_session_id] }
  transaction_id: { description: Transaction it belongs to, aliases: [transaction, txn_id] }
  id_tag: { description: Token presented, aliases: [rfid, rfid_tag, token_uid, id_token] }
  energy_kwh:
    description: Energy delivered in the session so far; kept as reported, even if negative
    unit: kWh
    aliases: [energy_consumed, energy_delivered_kwh]
  meter_wh:
    description: Reading of the meter; kept as reported, even if it goes back
    unit: Wh
    aliases: [meter_value_wh, meter_reading_wh, energy_register_wh, meter_start, meter_stop]
  power_kw: { description: 'Power just now; kept as reported, even if negative', unit: kW, aliases: [active_power_kw] }
  soc: { description: 'State of charge; kept as reported, even outside 0-100', unit: percent, aliases: [state_of_charge] }
  payload: { description: 'What the charge point sent, as JSON; what is no JSON goes to quarantine', aliases: [raw_payload, raw_message, frame, ocpp_message], personal: true }
  last_updated:
    description: Version of the row; where the file does not say, the time of the event
    aliases: [updated_at, recorded_at, received_at]
    default: event_time
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
  last_updated timestamp not null
);
