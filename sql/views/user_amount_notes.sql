/*---
title: Notes on amounts of users
description: What user_usage leaves out of its amounts, and what it assumes, one text per row.
params:
  user_id: { description: "Only this user; default: all users", example: user_0042 }
  start_date: { description: Start of the period, role: period_start, example: "2025-01-01" }
  end_date: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  by: { description: "How sessions are assigned to the period: by start, by end, or energy, money and time spread evenly over the session", choices: [start, end, spread], default: start }
when: amounts_to_note
columns:
  note: { description: Note on the answer }
---*/
with unclear as (
  select currency, count(*) as amounts, count(distinct cast(start_time as date)) as days
  from session_amounts
  where amount_paid is not null and (amount is null or currency is null)
    and ($user_id::varchar is null or user_id = $user_id::varchar)
    and in_period(start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar)
    and ($currency::varchar is null or currency = $currency::varchar)
  group by currency
)
select amount_note(currency, amounts, days, answer_currency) as note
from unclear cross join answer_currency
