/*---
title: Notes on amounts of statements
description: What monthly_statement leaves out of its amounts, and what it assumes, one text per row.
params:
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  by: { description: "How sessions are assigned to the period: by start, by end, or energy, money and time spread evenly over the session", choices: [start, end, spread], default: start }
  user_id: { description: Only this user, example: user_0042 }
  rfid: { description: Only this RFID token, example: 04A1B2C3 }
  price: { description: Price per kWh to use instead of the amounts paid, example: 0.39 }
  tariff_id: { description: Tariff whose price per kWh to use instead of the amounts paid, example: tariff_day }
when: amounts_to_note
columns:
  note: { description: Note on the answer }
---*/
with unclear as (
  select currency, count(*) as amounts, count(distinct cast(start_time as date)) as days
  from filtered_amounts
  where amount_paid is not null and (amount is null or currency is null)
    and $price::decimal(18, 6) is null and $tariff_id::varchar is null
    and ($user_id::varchar is null or user_id = $user_id::varchar)
    and ($rfid::varchar is null or rfid = $rfid::varchar)
    and in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar)
  group by currency
)
select amount_note(currency, amounts, days, answer_currency) as note
from unclear cross join answer_currency
