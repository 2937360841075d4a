/*---
title: Charging events
summary: "Events of a site, with tokens"
description: Ended sessions of a site that started in the period, with energy, cost, token and state of charge.
details:
  - Failed sessions are included; active sessions are not.
  - Amounts are in the currency of each event, and are not converted.
http: ["/charging-events/site/{site_id}", /v0/pipes/charging_events.json]
params:
  site_id: { description: Site ID, role: site, required: true, example: site_01 }
  from: { description: Earliest start of an event, role: period_start, required: true, example: "2025-12-01" }
  to: { description: Latest start of an event; a bare date includes the whole day, role: period_end, required: true, example: "2025-12-31" }
  search_text:
    description: >-
      Only events with this text (case-insensitive) in an ID (session, transaction, site, charger, connector), in the name of the
      site, charger or connector, or in the RFID tag, its name or its note. % and _ are plain characters
    max_length: 100
    short: search
    example: lobby
  currency: { description: Only events paid in this currency, role: currency, example: EUR }
columns:
  transaction_id: { description: "Transaction number; if the file has none of at most 15 digits, a number above 4.5 × 10^15 derived from the session ID", unit: id }
  occurrence_time: { description: "Time the event was recorded, UTC" }
  start_time: { description: "Start, UTC" }
  stop_time: { description: "End, UTC" }
  duration: { description: Time from start to end, unit: seconds }
  transaction_data: { description: Raw transaction data from the file, nullable: true }
  site_id: { description: Site }
  site_name: { description: "Name of the site, else the location in the session, else the site ID" }
  charger_id: { description: Charge point }
  charger_name: { description: "Name of the charge point, or its ID" }
  charger_current_type: { description: "AC or DC, from the session, else the connector, else the charge point", nullable: true }
  connector_id: { description: "Connector ID, as a number if it is one", numeric: true, nullable: true }
  connector_name: { description: "Name of the connector, or its ID", nullable: true }
  energy_consumed: { description: Energy delivered, unit: kWh, nullable: true }
  meter_start: { description: Meter reading at the start, unit: Wh, nullable: true }
  meter_stop: { description: Meter reading at the end, unit: Wh, nullable: true }
  invalid_meter_reading:
    description: >-
      True if the file says so, if the meter ran backwards, or if the meter readings differ from the energy by more than 0.1 kWh
      and more than 1 %
  start_soc: { description: State of charge at the start, unit: percent, nullable: true }
  stop_soc: { description: State of charge at the end, unit: percent, nullable: true }
  rfid: { description: RFID tag, nullable: true }
  rfid_name: { description: "Name of the token, from the session or else from id_tags", nullable: true }
  rfid_additional_information: { description: "Note on the token, from the session or else from id_tags", nullable: true }
  cost: { description: Cost, unit: currency, nullable: true }
  optimized_cost: { description: Cost under dynamic tariff optimisation, unit: currency, nullable: true }
  cost_savings: { description: Savings from optimisation; cost minus optimised cost if the file has none, unit: currency, nullable: true }
  dto_optimized: { description: Whether the session was optimised; false if unknown }
  currency: { description: ISO 4217 code of the amounts, nullable: true }
  session_id: { description: Session ID, hidden: true }
key: [session_id]
sort:
  default: -occurrence_time
  allow: [occurrence_time, rfid, rfid_name, energy_consumed, duration, cost, optimized_cost, cost_savings]
  split: true
page: { kind: take_skip, default: 1000, max: 1000 }
leading_columns: [start_time, charger_name, energy_consumed, cost, rfid_name, duration, transaction_id]
answer:
  shape: list
  key: charging_events
  count: count
  facts:
    dto_presence: (select coalesce(bool_or(dto_optimized or optimized_cost is not null or cost_savings is not null), false) from events_of_site)
  missing:
    parameter: site_id
    what: site
    unless: >-
      (select count(*) from charging_sessions where site_id = $site_id::varchar) + (select count(*) from sites where site_id = $site_id::varchar)
      + (select count(*) from charge_points where site_id = $site_id::varchar) > 0
---*/
with site as (
  select max(site_name) as known_name,
         contains_ci($site_id::varchar, $search_text::varchar) or coalesce(contains_ci(max(site_name), $search_text::varchar), false) as site_found
  from sites
  where site_id = $site_id::varchar
),
events as (
  select session_id, transaction_id as own_transaction, "timestamp" as occurrence_time, start_time, end_time as stop_time, transaction_data,
         location, station_id as charger_id, charging_type, connector_id, energy_kwh as energy_consumed, meter_start, meter_stop,
         invalid_meter_reading as reported_invalid, start_soc, stop_soc, rfid, rfid_name as session_tag_name, rfid_additional_information as session_tag_note,
         amount_paid as cost, optimized_cost, cost_savings as reported_savings, dto_optimized as reported_optimized, currency
  from events_of_site
  where start_time >= $from::timestamp and start_time <= $to::timestamp
    and ($currency::varchar is null or currency = $currency::varchar)
),
-- Names are searched once per charger, connector and tag, not once per event.
chargers as (
  select station_id, charge_point_name, current_type as charger_current,
         contains_ci(station_id, $search_text::varchar) or coalesce(contains_ci(charge_point_name, $search_text::varchar), false) as charger_found
  from charge_points
),
connector_names as (
  select station_id as point_of_connector, connector_id as known_connector, connector_name as name_of_connector, current_type as connector_current,
         contains_ci(connector_id, $search_text::varchar) or coalesce(contains_ci(connector_name, $search_text::varchar), false) as connector_found
  from connectors
),
tags as (
  select id_tag, name as known_tag_name, additional_information as known_tag_note,
         contains_ci(name, $search_text::varchar) as tag_name_found, contains_ci(additional_information, $search_text::varchar) as tag_note_found
  from id_tags
)
select transaction_number(own_transaction, session_id) as transaction_id,
       occurrence_time, start_time, stop_time,
       seconds_between(start_time, stop_time) as duration,
       transaction_data,
       $site_id::varchar as site_id,
       coalesce(known_name, location, $site_id::varchar) as site_name,
       charger_id,
       coalesce(charge_point_name, charger_id) as charger_name,
       coalesce(charging_type, connector_current, charger_current) as charger_current_type,
       connector_id,
       coalesce(name_of_connector, connector_id) as connector_name,
       energy_consumed, meter_start, meter_stop,
       coalesce(reported_invalid or meter_stop < meter_start or meter_contradicts(meter_start, meter_stop, energy_consumed, 0.1), false) as invalid_meter_reading,
       start_soc, stop_soc, rfid,
       coalesce(session_tag_name, known_tag_name) as rfid_name,
       coalesce(session_tag_note, known_tag_note) as rfid_additional_information,
       cost, optimized_cost,
       coalesce(reported_savings, cost - optimized_cost) as cost_savings,
       coalesce(reported_optimized, false) as dto_optimized,
       currency, session_id
from events
cross join site
left join chargers on station_id = charger_id
left join connector_names on point_of_connector = charger_id and known_connector = connector_id
left join tags on id_tag = rfid
where $search_text::varchar is null
   or site_found or coalesce(charger_found, contains_ci(charger_id, $search_text::varchar)) or coalesce(connector_found, contains_ci(connector_id, $search_text::varchar))
   or contains_ci(rfid, $search_text::varchar)
   or contains_ci(session_id, $search_text::varchar) or contains_ci(own_transaction, $search_text::varchar)
   -- Digits of a generated number are arbitrary, so only the whole number matches.
   or (regexp_full_match($search_text::varchar, '[0-9]{16}') and cast(transaction_number(own_transaction, session_id) as varchar) = $search_text::varchar)
   or (known_name is null and contains_ci(location, $search_text::varchar))
   or coalesce(contains_ci(session_tag_name, $search_text::varchar), tag_name_found) or coalesce(contains_ci(session_tag_note, $search_text::varchar), tag_note_found)
