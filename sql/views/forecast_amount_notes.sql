/*---
title: Notes on amounts of a history
description: What a revenue forecast leaves out of its amounts, and what it assumes, one text per row.
params:
  as_of: { description: "Point in time of the forecast; later sessions are ignored; default: now", role: now, example: "2025-12-31" }
columns:
  note: { description: Note on the answer }
---*/
-- Of a single row, so that DuckDB joins it first: with one currency, the sessions are not read.
with several as (select max(1) as is_known from foreign_currencies having count(*) > 0),
unconverted as (
  select currency, count(*) as amounts, count(distinct cast(start_time as date)) as days
  from filtered_amounts join several on is_known = case when currency is not null then 1 else 0 end
  where amount_paid is not null and amount is null
    and start_time <= $as_of::timestamp and start_time >= $as_of::timestamp - interval 10 year
  group by currency
),
unnamed as (
  select count(*) as amounts
  from filtered_amounts
  where currency is null and amount_paid is not null
    and start_time <= $as_of::timestamp and start_time >= $as_of::timestamp - interval 10 year
)
select left_out_note(amounts, currency, days) as note from unconverted
union all
select no_currency_note(amounts, answer_currency) as note from unnamed cross join answer_currency
where amounts > 0 and answer_currency is not null
