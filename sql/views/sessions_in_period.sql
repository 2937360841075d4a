/*---
title: Sessions in the period
description: The sessions that count in a period, with the energy, money and time that count.
details:
  - Sessions are assigned by start, by end (by=end) or by all the time they ran (by=spread).
  - With by=end, active sessions do not count.
  - With by=spread, a session counts with the share of its duration that is in the period; an active session counts at its start.
  - >-
    Columns: session_id, station_id, site_id (the session's own), tariff_id, currency, start_time, end_time, energy_kwh and
    stop_reason as stored; energy (kWh), money (in the session's currency) and stay (seconds) that count; completed.
params:
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  by: { description: "How sessions are assigned to the period: by start, by end, or energy, money and time spread evenly over the session", choices: [start, end, spread], default: start }
---*/
select session_id, station_id, site_id, tariff_id, currency, start_time, end_time, energy_kwh, stop_reason,
       amount_in_period(energy_kwh, start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar) as energy,
       amount_in_period(amount_paid, start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar) as money,
       seconds_in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar) as stay,
       is_completed(start_time, end_time, energy_kwh, status) as completed
from filtered_sessions
where in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar)
