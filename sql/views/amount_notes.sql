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
select amount_note(currency, amounts, days, answer_currency) as note
from unclear cross join answer_currency
