/*---
title: Notes on amounts of inactive users
description: What inactive_users leaves out of its amounts, and what it assumes, one text per row.
params:
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
when: amounts_to_note
columns:
  note: { description: Note on the answer }
---*/
with unclear as (
  select currency, count(*) as amounts, count(distinct cast(start_time as date)) as days
  from filtered_amounts
  where amount_paid is not null and (amount is null or currency is null)
    and start_time <= $as_of::timestamp
    and user_id in (select lapsed_id from lapsed_users)
  group by currency
)
select case when currency is null then no_currency_note(amounts, answer_currency) else left_out_note(amounts, currency, days) end as note
from unclear cross join answer_currency
where currency is not null or answer_currency is not null
