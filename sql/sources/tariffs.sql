/*---
title: Tariffs
description: >-
  One row a tariff, with the prices it has now: a tariff whose prices change needs a new id where older sessions are to
  be held against the older prices. Prices may be negative, as dynamic ones are at times. A file without update times
  replaces what earlier files without them said; it never replaces a row that has one.
key: [tariff_id]
version: last_updated
recognise: [price_per_kwh]
columns:
  tariff_id: { description: Identifier of the tariff, aliases: [tariff, price_plan_id, pricing_plan_id] }
  tariff_name: { description: Name of the tariff, aliases: [name, price_plan, pricing_plan] }
  currency: { description: ISO 4217 code of its prices, required: true, aliases: [currency_code] }
  price_per_kwh:
    description: Price of a kWh; 0 where energy is free, empty where it has no price of its own
    unit: currency
    aliases: [energy_price, energy_price_per_kwh, price_kwh, kwh_price, rate_per_kwh]
  price_per_minute: { description: Price of a minute of charging, unit: currency, aliases: [time_price, minute_price, price_minute, rate_per_minute] }
  price_flat: { description: Price of a session as such, unit: currency, aliases: [flat_fee, flat_price, session_fee, connection_fee, price_per_session] }
  price_per_parking_minute:
    description: Price of a minute plugged in after charging stopped
    unit: currency
    aliases: [parking_price, parking_price_per_minute, idle_fee_per_minute, idle_price_per_minute]
  min_duration_minutes: { description: Sessions shorter than this are free, unit: minutes }
  step_size: { description: Smallest amount billed as the file has it }
  tax_rate_percent: { description: Tax on the prices, unit: percent, aliases: [tax_rate, vat, vat_percent, vat_rate] }
  elements: { description: Prices that depend on hour or day or power as JSON, aliases: [components, price_components] }
  valid_from: { description: 'When the tariff begins, UTC', aliases: [start_date_time, valid_since, effective_from] }
  valid_to: { description: 'When it ends, UTC; before its beginning goes to quarantine', aliases: [end_date_time, valid_until, effective_to] }
  last_updated:
    description: Version of the row; 1970 where the file does not say, and then the later arrival wins
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
