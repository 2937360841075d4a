/*---
title: Charging sessions
description: One row per charging session, also called charging event or transaction.
details:
  - Of two rows with the same session ID, the one with the later timestamp replaces the other.
  - Columns that the newer file does not have keep their values.
  - OCPP transactions of an imported log (charge_point_events with a payload) become sessions whose IDs begin with `ocpp/`.
  - >-
    Such a session is computed from all stored events of its transaction, again with each import of one. So the order and splitting of
    logs do not matter.
  - >-
    Its energy is meterStop minus meterStart, or the last minus the first total reading of Energy.Active.Import.Register; so far, if it
    is open. It is empty if the meter ran backwards.
  - >-
    A response belongs to the nearest call with its message ID. Without responses, starts and stops are paired by connector, ID tag and
    meter, if only one start fits.
  - >-
    A transaction whose start is not in the log is not added but counted with a warning, unless a reading with the context
    Transaction.Begin has its time.
  - >-
    A session of another file replaces that of a log, whichever comes first: with the same charge point and transaction ID, if they
    start within 36 hours, or on the same connector at the same time.
  - >-
    At the same time means that they overlap and start within 5 minutes, or within 1 minute if the connector of one is not known.
  - >-
    `--replace` of charge_point_events replaces the sessions from logs. `--replace` of charging_sessions removes them until their log is
    imported again with `--force`. Deleted events leave their sessions.
key: [session_id]
version: timestamp
partition_by: start_time
identity: [station_id, start_time]
changes_with_version: [user_id]
columns:
  session_id:
    description: Session ID, kept as text
    aliases: [charging_session_id, charging_event_id, charging_event, cdr_id, id]
  transaction_id: { description: Transaction number or text from the charge point or back office, aliases: [transaction, txn_id] }
  station_id:
    description: Charge point of the session
    required: true
    aliases: [charge_point_id, charger_id, charging_station_id, chargepoint_id, charge_box_id, charge_point, charger, station]
  connector_id: { description: Connector of the charge point, aliases: [connector, connector_number, port_number] }
  site_id: { description: Site of the charge point, aliases: [project_id, location_id, site, project] }
  user_id: { description: Customer or driver, aliases: [driver_id, customer_id, account_id, user, driver] }
  rfid: { description: Token that started the session, aliases: [id_tag, rfid_tag, token_uid, auth_id] }
  rfid_name: { description: Name of the token, personal: true }
  rfid_additional_information: { description: Note on the token, personal: true }
  start_time:
    description: Start of the session, UTC
    required: true
    aliases: [started_at, start_date_time, start_datetime, start_timestamp, session_start, start]
  end_time:
    description: "End of the session, UTC; empty while active; not before start_time. Default: start_time and the duration, if the file has one"
    not_before: start_time
    default: start_time + to_microseconds((coalesce(nullif(clock_seconds(duration), 0), duration_hours * 3600, duration_minutes * 60, duration_seconds) * 1000000)::bigint)
    aliases: [stop_time, ended_at, stopped_at, end_date_time, end_datetime, end_timestamp, session_end, end, stop]
  energy_kwh:
    description: "Energy delivered, not negative. Default: the difference of the inputs metered_from and metered_to, if a mapping sets them"
    unit: kWh
    default: ((metered_to - metered_from) / 1000)::decimal(18, 6)
    aliases: [energy_consumed, energy_consumed_kwh, energy_delivered_kwh, total_energy_kwh, total_energy, total_kwh, kwh_delivered, kwh]
  meter_start: { description: Meter reading at the start, unit: Wh, aliases: [meter_start_wh] }
  meter_stop: { description: Meter reading at the end, unit: Wh, aliases: [meter_stop_wh, meter_end] }
  invalid_meter_reading:
    description: "Whether the file marks the meter readings as invalid; default: whether the meter ran backwards. Such sessions are imported"
    default: meter_stop < meter_start
  start_soc: { description: "State of charge at the start, 0-100", unit: percent, aliases: [soc_start] }
  stop_soc: { description: "State of charge at the end, 0-100", unit: percent, aliases: [soc_stop, end_soc, soc_end] }
  charging_seconds:
    description: Time in which energy was delivered, not negative
    unit: seconds
    aliases: [time_spent_charging, active_charging_seconds]
  amount_paid: { description: Total revenue, unit: currency, aliases: [cost, total_cost, amount, price, revenue] }
  currency: { description: ISO 4217 code of the amounts, format: currency, aliases: [currency_code] }
  tariff_id: { description: Tariff used to compute the amount, aliases: [tariff] }
  optimized_cost: { description: Cost under dynamic tariff optimisation, unit: currency }
  cost_savings: { description: Cost minus optimised cost, unit: currency }
  dto_optimized: { description: Whether the session was optimised }
  charging_type:
    description: AC or DC
    values: [AC, DC]
    format: current_type
    aliases: [charger_current_type, current_type, type]
  location: { description: Location name, aliases: [location_name, site_name] }
  status: { description: Session status from the file; failed and invalid sessions never count as completed, aliases: [session_status] }
  stop_reason: { description: Reason the session ended, aliases: [reason, ended_by] }
  timestamp:
    description: "Version of the row; default: the end of the session, else its start"
    aliases: [occurrence_time, last_updated, updated_at, recorded_at]
    default: coalesce(end_time, start_time)
  transaction_data: { description: Raw data of the transaction as JSON, personal: true }
inputs:
  duration:
    description: "Duration of the session with its units, such as 1:29:00, 1 h 29 min or PT1H29M; used if end_time is missing"
    type: VARCHAR
    aliases: [session_duration, total_duration, charge_duration, charging_duration, connection_duration]
  duration_hours:
    description: Duration of the session; used if end_time is missing
    type: DOUBLE
    unit: hours
    aliases: [duration_h, duration_hrs, duration_in_hours, session_duration_hours, session_duration_h]
  duration_minutes:
    description: Duration of the session; used if end_time is missing
    type: DOUBLE
    unit: minutes
    aliases: [duration_min, duration_mins, duration_in_minutes, session_duration_minutes, session_duration_min, session_duration_mins, total_duration_minutes]
  duration_seconds:
    description: Duration of the session; used if end_time is missing
    type: DOUBLE
    unit: seconds
    aliases: [duration_s, duration_sec, duration_secs, duration_in_seconds, session_duration_seconds, session_duration_sec, session_duration_s]
  metered_from:
    description: Meter reading at the start that the energy is computed from
    type: DOUBLE
    unit: Wh
  metered_to:
    description: Meter reading at the end that the energy is computed from
    type: DOUBLE
    unit: Wh
checks:
  - { when: end_time < start_time, column: end_time, reason: is before start_time }
  - { when: energy_kwh < 0, column: energy_kwh, reason: is negative }
  - { when: charging_seconds < 0, column: charging_seconds, reason: is negative }
  - { when: start_soc not between 0 and 100, column: start_soc, reason: is outside 0-100 }
  - { when: stop_soc not between 0 and 100, column: stop_soc, reason: is outside 0-100 }
warnings:
  - { when: "start_time < timestamp '2008-01-01'", column: start_time, reason: is before 2008 }
  - { when: "start_time > timezone('UTC', now()) + interval 1 day", column: start_time, reason: is in the future }
  - { when: "end_time > timezone('UTC', now()) + interval 1 day", column: end_time, reason: is in the future }
  - { when: "end_time > start_time + interval 7 days", column: end_time, reason: is more than a week after start_time }
  - { when: "energy_kwh > 300", column: energy_kwh, reason: is above 300 kWh }
  - { when: "energy_kwh > 5 and end_time > start_time and energy_kwh / (epoch(end_time - start_time) / 3600) > 500", column: energy_kwh, reason: implies more than 500 kW }
  - { when: "energy_kwh > 0 and end_time = start_time", column: energy_kwh, reason: is energy of a session that ends when it starts }
  - { when: "duration is not null and clock_seconds(duration) is null", column: duration, reason: has no unit or is not a duration; ignored }
  - { when: "meter_stop < meter_start", column: meter_stop, reason: is below meter_start }
---*/
create table charging_sessions (
  session_id varchar not null,
  transaction_id varchar,
  station_id varchar not null,
  connector_id varchar,
  site_id varchar,
  user_id varchar,
  rfid varchar,
  rfid_name varchar,
  rfid_additional_information varchar,
  start_time timestamp not null,
  end_time timestamp,
  energy_kwh decimal(18, 6),
  meter_start double,
  meter_stop double,
  invalid_meter_reading boolean,
  start_soc double,
  stop_soc double,
  charging_seconds double,
  amount_paid decimal(18, 6),
  currency varchar,
  tariff_id varchar,
  optimized_cost decimal(18, 6),
  cost_savings decimal(18, 6),
  dto_optimized boolean,
  charging_type varchar,
  location varchar,
  status varchar,
  stop_reason varchar,
  "timestamp" timestamp not null,
  transaction_data json
);
