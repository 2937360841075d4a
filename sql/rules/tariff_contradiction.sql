/*---
title: Amount contradicts the tariff
description: >-
  A completed session whose amount is not what its tariff makes of it: price per kWh, per minute plugged in and per session,
  nothing where it is shorter than min_duration_minutes, with or without the tariff's tax. Judged only where the tariff says
  it all: not with prices by hour or power, a parking price or billing steps, nor where the session began outside the
  tariff's validity. It lasts until the amount is corrected. High from 10 on, medium from 1, low below, in the tariff's currency.
params:
  amount_tolerance: { description: Difference that is none, default: 0.02, min: 0 }
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2025-12-31 12:00:00" }
---*/
with simple as (
  select tariff_id, tariff_name, currency,
         coalesce(price_per_kwh, 0)::double as of_kwh, coalesce(price_per_minute, 0)::double as of_minute, coalesce(price_flat, 0)::double as of_session,
         coalesce(min_duration_minutes, 0) as free_minutes, 1 + coalesce(tax_rate_percent, 0) / 100::double as with_tax,
         valid_from, valid_to
  from tariffs
  where elements is null and coalesce(price_per_parking_minute, 0) = 0 and coalesce(step_size, 0) <= 1
    and (price_per_kwh is not null or price_per_minute is not null or price_flat is not null)
),
priced as (
  select station_id, connector_id, session_id, end_time, amount_paid::double as amount, sessions_chosen.currency as paid_in, simple.currency as priced_in,
         coalesce(tariff_name, simple.tariff_id) as tariff, with_tax,
         case when epoch_s(end_time) - epoch_s(start_time) < free_minutes * 60 then 0
              else of_kwh * energy_kwh + of_minute * (epoch_s(end_time) - epoch_s(start_time)) / 60::double + of_session end as price
  from sessions_chosen join simple on sessions_chosen.tariff_id = simple.tariff_id
  where amount_paid is not null
    and is_completed(start_time, end_time, energy_kwh, status)
    and end_time <= $as_of::timestamp
    and (valid_from is null or start_time >= valid_from) and (valid_to is null or start_time < valid_to)
),
compared as (
  -- To a millionth, for a difference of just the tolerance is none.
  select *, round(least(abs(amount - price), abs(amount - price * with_tax)), 6) as off_by
  from priced
)
select 'billing' as type,
       case when off_by >= 10 or paid_in <> priced_in then 'high' when off_by >= 1 then 'medium' else 'low' end as severity,
       station_id,
       connector_id,
       session_id,
       end_time as created_at,
       null::timestamp as resolved_at,
       'Paid ' || two_decimals(amount) || coalesce(' ' || paid_in, '') || ', tariff ' || tariff || ' makes it ' || two_decimals(price) || ' ' || priced_in as description
from compared
where off_by > $amount_tolerance::double or paid_in <> priced_in
