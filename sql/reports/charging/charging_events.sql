/*---
title: Charging events
description: >-
  The charging events of a site: its sessions that started in the period and have ended, failed ones too, each with energy,
  cost, token and state of charge. A running session is none yet.
http: ["/charging-events/site/{site_id}", /v0/pipes/charging_events.json]
params:
  site_id: { description: Site whose events are wanted, required: true, example: site_01 }
  from: { description: First moment in which an event may start, role: period_start, required: true, example: "2025-12-01" }
  to: { description: Last moment in which an event may start; a bare date counts whole, role: period_end, required: true, example: "2025-12-31" }
  search_text:
    description: >-
      Only events that have this text, whatever its case, in an id (of session, transaction, site, charger, connector), in the
      name of site, charger or connector, in the RFID tag, its name or its note. % and _ are plain characters
    longest: 100
    short: search
    example: lobby
  currency: { description: Only events paid in this currency, example: EUR }
columns:
  transaction_id: { description: "Number of the transaction; where the file gives none of at most 15 digits, one above 4.5 × 10^15 made of the session's id", unit: id }
  occurrence_time: { description: "When it was recorded, UTC" }
  start_time: { description: "Start, UTC" }
  stop_time: { description: "End, UTC" }
  duration: { description: From start to end, unit: seconds }
  transaction_data: { description: Raw data of the transaction as the file has it, nullable: true }
  site_id: { description: Site }
  site_name: { description: "Name of the site, or where the session says it only the place, or its id" }
  charger_id: { description: Charge point }
  charger_name: { description: "Name of the charge point, or its id" }
  charger_current_type: { description: "AC or DC: of the session, else of the connector, else of the charge point", nullable: true }
  connector_id: { description: "Connector, as a number where it is one", numeric: true, nullable: true }
  connector_name: { description: "Name of the connector, or its id", nullable: true }
  energy_consumed: { description: Energy delivered, unit: kWh, nullable: true }
  meter_start: { description: Meter reading at the start, unit: Wh, nullable: true }
  meter_stop: { description: Meter reading at the end, unit: Wh, nullable: true }
  invalid_meter_reading:
    description: >-
      True where the file says so, where the meter ran backwards, and where it tells another energy than the session, by more
      than 0.1 kWh and more than 1 %
  start_soc: { description: State of charge at the start, unit: percent, nullable: true }
  stop_soc: { description: State of charge at the end, unit: percent, nullable: true }
  rfid: { description: RFID tag, nullable: true }
  rfid_name: { description: "Name kept for the tag, by the session or else by id_tags", nullable: true }
  rfid_additional_information: { description: "Note kept for the tag, by the session or else by id_tags", nullable: true }
  cost: { description: Cost, unit: currency, nullable: true }
  optimized_cost: { description: Cost under dynamic tariff optimisation, unit: currency, nullable: true }
  cost_savings: { description: "Cost less optimised cost, where the file does not say", unit: currency, nullable: true }
  dto_optimized: { description: Whether it was optimised; false where nobody says so }
  session_id: { description: Identifier of the session, hidden: true }
key: [session_id]
sort:
  default: -occurrence_time
  allow: [occurrence_time, rfid, rfid_name, energy_consumed, duration, cost, optimized_cost, cost_savings]
  split: true
page: { kind: take_skip, default: 1000, max: 1000 }
table: [start_time, charger_name, energy_consumed, cost, rfid_name, duration, transaction_id]
answer:
  shape: list
  key: charging_events
  count: count
  facts:
    dto_presence: (select coalesce(bool_or(dto_optimized or optimized_cost is not null or cost_savings is not null), false) from events_of_site)
  guard: >-
    (select one_currency(count(*), string_agg(currency, ', ')) from (
       select currency from events_of_site
       where start_time >= $from::timestamp and start_time <= $to::timestamp and ($currency::varchar is null or currency = $currency::varchar)
         and currency is not null and (amount_paid is not null or optimized_cost is not null or cost_savings is not null)
       group by currency) as paid)
  missing:
    parameter: site_id
    what: site
    unless: >-
      (select count(*) from charging_sessions where site_id = $site_id::varchar) + (select count(*) from sites where site_id = $site_id::varchar)
      + (select count(*) from charge_points where site_id = $site_id::varchar) > 0
---*/
with named_site as (
  select max(site_name) as name_of_site,
         mentions($site_id::varchar, $search_text::varchar) or coalesce(mentions(max(site_name), $search_text::varchar), false) as site_found
  from sites
  where site_id = $site_id::varchar
),
chosen as (
  select session_id, transaction_id as transaction_told, "timestamp" as occurrence_time, start_time, end_time as stop_time, transaction_data,
         location, station_id as charger_id, charging_type, connector_id, energy_kwh as energy_consumed, meter_start, meter_stop,
         invalid_meter_reading as told_invalid, start_soc, stop_soc, rfid, rfid_name as tag_name, rfid_additional_information as tag_note,
         amount_paid as cost, optimized_cost, cost_savings as told_savings, dto_optimized as told_optimized
  from events_of_site
  where start_time >= $from::timestamp and start_time <= $to::timestamp
    and ($currency::varchar is null or currency = $currency::varchar)
),
-- What chargers, connectors and tags are called is searched once each, not once an event.
chargers as (
  select station_id, charge_point_name, current_type as charger_current,
         mentions(station_id, $search_text::varchar) or coalesce(mentions(charge_point_name, $search_text::varchar), false) as charger_found
  from charge_points
),
plugs as (
  select station_id as plug_station, connector_id as plug_id, connector_name as plug_name, current_type as plug_current,
         mentions(connector_id, $search_text::varchar) or coalesce(mentions(connector_name, $search_text::varchar), false) as plug_found
  from connectors
),
tags as (
  select id_tag, name as holder, additional_information as holder_note,
         mentions(name, $search_text::varchar) as holder_found, mentions(additional_information, $search_text::varchar) as note_found
  from id_tags
)
select transaction_number(transaction_told, session_id) as transaction_id,
       occurrence_time, start_time, stop_time,
       epoch_s(stop_time) - epoch_s(start_time) as duration,
       transaction_data,
       $site_id::varchar as site_id,
       coalesce(name_of_site, location, $site_id::varchar) as site_name,
       charger_id,
       coalesce(charge_point_name, charger_id) as charger_name,
       coalesce(charging_type, plug_current, charger_current) as charger_current_type,
       connector_id,
       coalesce(plug_name, connector_id) as connector_name,
       energy_consumed, meter_start, meter_stop,
       coalesce(told_invalid or meter_stop < meter_start or meter_contradicts(meter_start, meter_stop, energy_consumed, 0.1), false) as invalid_meter_reading,
       start_soc, stop_soc, rfid,
       coalesce(tag_name, holder) as rfid_name,
       coalesce(tag_note, holder_note) as rfid_additional_information,
       cost, optimized_cost,
       coalesce(told_savings, cost - optimized_cost) as cost_savings,
       coalesce(told_optimized, false) as dto_optimized,
       session_id
from chosen
cross join named_site
left join chargers on station_id = charger_id
left join plugs on plug_station = charger_id and plug_id = connector_id
left join tags on id_tag = rfid
where $search_text::varchar is null
   or site_found or coalesce(charger_found, mentions(charger_id, $search_text::varchar)) or coalesce(plug_found, mentions(connector_id, $search_text::varchar))
   or mentions(rfid, $search_text::varchar)
   or mentions(session_id, $search_text::varchar) or mentions(transaction_told, $search_text::varchar)
   -- The digits of a number made here are chance: only the whole of it is looked for.
   or (regexp_full_match($search_text::varchar, '[0-9]{16}') and cast(transaction_number(transaction_told, session_id) as varchar) = $search_text::varchar)
   or (name_of_site is null and mentions(location, $search_text::varchar))
   or coalesce(mentions(tag_name, $search_text::varchar), holder_found) or coalesce(mentions(tag_note, $search_text::varchar), note_found)
