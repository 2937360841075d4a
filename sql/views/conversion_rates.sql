/*---
title: Conversion rates
description: The rate of each currency to convert on each day that has one.
details:
  - The rate of a day is the last one at most 7 days before it.
  - A rate between the two currencies comes first, in either direction; else the cross rate over a common base.
  - An amount is multiplied by multiplier and divided by divisor.
columns:
  rate_currency: { description: Currency of the amount }
  rate_day: { description: "Day, UTC" }
  multiplier: { description: Factor of the amount }
  divisor: { description: Divisor of the amount }
---*/
with session_days as (
  select cast(first_start as date) - interval 7 day as first_day, last_start as last_day from session_extent
),
needed_currencies as (
  select foreign_currency as needed_currency from foreign_currencies
  union all
  select target_currency as needed_currency from foreign_currencies group by target_currency
),
known_rates as (
  select currency as quoted, base as base_of_rate, date as quoted_on, rate,
         lead(date, 1, null) over (partition by currency, base order by date) as next_quoted_on
  from exchange_rates
    join needed_currencies on needed_currency = currency
    cross join session_days
  where date >= first_day and date <= last_day
),
numbered_rates as (
  select quoted, base_of_rate, quoted_on, rate,
         unnest(range(0, least_non_null(date_diff('day', quoted_on, next_quoted_on), 8))) as days_after
  from known_rates
),
daily_rates as (
  select quoted, base_of_rate, rate, bucket_of_date('day', quoted_on + interval (days_after) day) as quoted_day
  from numbered_rates
),
candidates as (
  select foreign_currency, quoted_day as candidate_day, 1 as preference, base_of_rate as via, 1::double as factor, rate as parts
  from foreign_currencies join daily_rates on quoted = foreign_currency and base_of_rate = target_currency
  union all
  select foreign_currency, quoted_day as candidate_day, 2 as preference, base_of_rate as via, rate as factor, 1::double as parts
  from foreign_currencies join daily_rates on quoted = target_currency and base_of_rate = foreign_currency
  union all
  select foreign_currency, foreign_rates.quoted_day as candidate_day, 3 as preference, foreign_rates.base_of_rate as via,
         target_rates.rate as factor, foreign_rates.rate as parts
  from foreign_currencies
    join daily_rates as foreign_rates on foreign_rates.quoted = foreign_currency
    join daily_rates as target_rates
      on target_rates.quoted = target_currency and target_rates.base_of_rate = foreign_rates.base_of_rate and target_rates.quoted_day = foreign_rates.quoted_day
),
ranked as (
  select foreign_currency, candidate_day, factor, parts,
         row_number() over (partition by foreign_currency, candidate_day order by preference, via) as place
  from candidates
)
select foreign_currency as rate_currency, candidate_day as rate_day, factor as multiplier, parts as divisor
from ranked
where place = 1
