/*---
title: Notes on amounts in the period
description: What a revenue report leaves out of its amounts, and what it assumes, one text per row.
columns:
  note: { description: Note on the answer }
---*/
with unconverted as (
  select foreign_currency, count(*) as amounts, count(distinct cast(start_time as date)) as days
  from amounts_in_period join foreign_currencies on foreign_currency = currency
  where amount_paid is not null and amount is null
  group by foreign_currency
),
unnamed as (
  select count(*) as amounts
  from amounts_in_period
  where currency is null and amount_paid is not null
)
select left_out_note(amounts, foreign_currency, days) as note from unconverted
union all
select no_currency_note(amounts, answer_currency) as note from unnamed cross join answer_currency
where amounts > 0 and answer_currency is not null
