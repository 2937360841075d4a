/*---
title: Amounts in the period
description: The sessions that count in a period, with the energy, time and money that count, in the currency of the answer.
details:
  - Sessions are assigned as in sessions_in_period.
  - >-
    Columns as stored: session_id, station_id, site_id (the session's own), location, tariff_id, currency, start_time, end_time,
    energy_kwh and amount_paid.
  - "Further columns: amount (all of it, in the currency of the answer), money (the part that counts), stay (seconds that count) and completed."
params:
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  by: { description: "How sessions are assigned to the period: by start, by end, or energy, money and time spread evenly over the session", choices: [start, end, spread], default: start }
---*/
select session_id, station_id, site_id, location, tariff_id, currency, start_time, end_time, energy_kwh, amount_paid, amount,
       amount_in_period(amount, start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar) as money,
       seconds_in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar) as stay,
       is_completed(start_time, end_time, energy_kwh, status) as completed
from filtered_amounts
where in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar)
