/*---
title: Notes on amounts in the period
description: What a revenue report leaves out of its amounts, and what it assumes, one text per row.
columns:
  note: { description: Note on the answer }
---*/
-- Of a single row, so that DuckDB joins it first: with one currency, the sessions are not read.
with several as (select max(1) as is_known from foreign_currencies having count(*) > 0),
unconverted as (
  select currency, count(*) as amounts, count(distinct cast(start_time as date)) as days
  from amounts_in_period join several on is_known = case when currency is not null then 1 else 0 end
  where amount_paid is not null and amount is null
  group by currency
),
unnamed as (
  select count(*) as amounts
  from amounts_in_period
  where currency is null and amount_paid is not null
)
select left_out_note(amounts, currency, days) as note from unconverted
union all
select no_currency_note(amounts, answer_currency) as note from unnamed cross join answer_currency
where amounts > 0 and answer_currency is not null
