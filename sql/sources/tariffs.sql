/*---
title: Tariffs
description: One row per tariff, with its current prices.
details:
  - If prices change, create a new tariff ID so that older sessions are compared with the older prices.
  - Prices may be negative, as dynamic prices sometimes are.
  - Rows without an update time replace earlier rows without one, and never replace rows that have one.
key: [tariff_id]
version: last_updated
detect_by: [price_per_kwh]
columns:
  tariff_id: { description: Tariff ID, aliases: [tariff, price_plan_id, pricing_plan_id] }
  tariff_name: { description: Name of the tariff, aliases: [name, price_plan, pricing_plan] }
  currency: { description: ISO 4217 code of its prices, required: true, format: currency, aliases: [currency_code] }
  price_per_kwh:
    description: Price per kWh; 0 if energy is free, empty if energy has no price of its own
    unit: currency
    aliases: [energy_price, energy_price_per_kwh, price_kwh, kwh_price, rate_per_kwh]
  price_per_minute: { description: Price per minute of charging, unit: currency, aliases: [time_price, minute_price, price_minute, rate_per_minute] }
  price_flat: { description: Price per session, unit: currency, aliases: [flat_fee, flat_price, session_fee, connection_fee, price_per_session] }
  price_per_parking_minute:
    description: Price per minute plugged in after charging has stopped
    unit: currency
    aliases: [parking_price, parking_price_per_minute, idle_fee_per_minute, idle_price_per_minute]
  min_duration_minutes: { description: Sessions shorter than this are free, unit: minutes }
  step_size: { description: "Smallest billed amount, as in the file" }
  tax_rate_percent: { description: Tax rate, unit: percent, aliases: [tax_rate, vat, vat_percent, vat_rate] }
  elements: { description: "Prices by hour, day or power, as JSON", aliases: [components, price_components] }
  valid_from: { description: "Start of validity, UTC", aliases: [start_date_time, valid_since, effective_from] }
  valid_to: { description: "End of validity, UTC; not before valid_from", aliases: [end_date_time, valid_until, effective_to] }
  last_updated:
    description: "Version of the row; default: 1970, so the last imported row wins"
    aliases: [updated_at, modified_at, timestamp]
    default: timestamp '1970-01-01'
checks:
  - { when: valid_to < valid_from, column: valid_to, reason: is before valid_from }
---*/
create table tariffs (
  tariff_id varchar not null,
  tariff_name varchar,
  currency varchar not null,
  price_per_kwh decimal(18, 6),
  price_per_minute decimal(18, 6),
  price_flat decimal(18, 6),
  price_per_parking_minute decimal(18, 6),
  min_duration_minutes double,
  step_size double,
  tax_rate_percent double,
  elements json,
  valid_from timestamp,
  valid_to timestamp,
  last_updated timestamp not null
);
