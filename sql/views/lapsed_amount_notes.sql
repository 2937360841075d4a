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
select amount_note(currency, amounts, days, answer_currency) as note
from unclear cross join answer_currency
