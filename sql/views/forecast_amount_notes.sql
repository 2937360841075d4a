/*---
title: Notes on amounts of a history
description: What a revenue forecast leaves out of its amounts, and what it assumes, one text per row.
params:
  as_of: { description: "Point in time of the forecast; later sessions are ignored; default: now", role: now, example: "2025-12-31" }
when: amounts_to_note
columns:
  note: { description: Note on the answer }
---*/
with unclear as (
  select currency, count(*) as amounts, count(distinct cast(start_time as date)) as days
  from filtered_amounts
  where amount_paid is not null and (amount is null or currency is null)
    and start_time <= $as_of::timestamp and start_time >= $as_of::timestamp - interval 10 year
  group by currency
)
select amount_note(currency, amounts, days, answer_currency) as note
from unclear cross join answer_currency
