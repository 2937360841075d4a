/*---
title: Notes on amounts in the period
description: What a revenue report leaves out of its amounts, and what it assumes, one text per row.
when: amounts_to_note
columns:
  note: { description: Note on the answer }
---*/
with unclear as (
  select currency, count(*) as amounts, count(distinct cast(start_time as date)) as days
  from amounts_in_period
  where amount_paid is not null and (amount is null or currency is null)
  group by currency
)
select case when currency is null then no_currency_note(amounts, answer_currency) else left_out_note(amounts, currency, days) end as note
from unclear cross join answer_currency
where currency is not null or answer_currency is not null
