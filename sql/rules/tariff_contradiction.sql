/*---
title: Amount contradicts the tariff
description: Finds completed sessions whose amount does not match their tariff.
details:
  - >-
    The expected amount is computed from the prices per kWh, per plugged-in minute and per session, with or without the tariff's
    tax. It is 0 for sessions shorter than min_duration_minutes.
  - >-
    Not evaluated: tariffs with prices by hour or power, a parking price or billing steps, and sessions that started outside the
    tariff's validity.
  - The issue stays until the amount is corrected.
  - "Severity, in the tariff's currency: high from a difference of 10 on, medium from 1, else low."
params:
  amount_tolerance: { description: Tolerated difference, default: 0.02, min: 0 }
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
---*/
with flat_tariffs as (
  select tariff_id, tariff_name, currency,
         coalesce(price_per_kwh, 0)::double as kwh_price, coalesce(price_per_minute, 0)::double as minute_price, coalesce(price_flat, 0)::double as session_price,
         coalesce(min_duration_minutes, 0) as free_minutes, 1 + coalesce(tax_rate_percent, 0) / 100::double as tax_factor,
         valid_from, valid_to
  from tariffs
  where elements is null and coalesce(price_per_parking_minute, 0) = 0 and coalesce(step_size, 0) <= 1
    and (price_per_kwh is not null or price_per_minute is not null or price_flat is not null)
),
priced_sessions as (
  select station_id, connector_id, session_id, end_time, amount_paid::double as amount, filtered_sessions.currency as paid_currency, flat_tariffs.currency as tariff_currency,
         coalesce(tariff_name, flat_tariffs.tariff_id) as tariff, tax_factor,
         case when epoch_s(end_time) - epoch_s(start_time) < free_minutes * 60 then 0
              else kwh_price * energy_kwh + minute_price * (epoch_s(end_time) - epoch_s(start_time)) / 60::double + session_price end as price
  from filtered_sessions join flat_tariffs on filtered_sessions.tariff_id = flat_tariffs.tariff_id
  where amount_paid is not null
    and is_completed(start_time, end_time, energy_kwh, status)
    and end_time <= $as_of::timestamp
    and (valid_from is null or start_time >= valid_from) and (valid_to is null or start_time < valid_to)
),
comparisons as (
  -- Rounded to a millionth, so that a difference equal to the tolerance does not count.
  select *, round(least(abs(amount - price), abs(amount - price * tax_factor)), 6) as difference
  from priced_sessions
)
select 'billing' as type,
       case when difference >= 10 or paid_currency <> tariff_currency then 'high' when difference >= 1 then 'medium' else 'low' end as severity,
       station_id,
       connector_id,
       session_id,
       end_time as created_at,
       null::timestamp as resolved_at,
       'Paid ' || two_decimals(amount) || coalesce(' ' || paid_currency, '') || ', tariff ' || tariff || ' makes it ' || two_decimals(price) || ' ' || tariff_currency as description
from comparisons
where difference > $amount_tolerance::double or paid_currency <> tariff_currency
