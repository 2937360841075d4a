/*---
title: Sessions in the period
description: >-
  The sessions that count in a period: by their start; with by=end by their end, which a running one has not; with by=spread
  every session that ran in it, of which counts what comes to the period when it is shared out evenly over the seconds the
  session ran, a running one where it started. Columns: session_id, station_id, site_id (the session's own), tariff_id, currency,
  start_time, end_time, energy_kwh and stop_reason as they are, energy, money and stay (kWh, amount and seconds that count),
  completed (ended, not before its start, with energy, and not marked failed or invalid).
params:
  from: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  to: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-01-31" }
  by: { description: "What puts a session into the period: its start, its end, or energy, money and time spread over the time it ran", choices: [start, end, spread], default: start }
---*/
select session_id, station_id, site_id, tariff_id, currency, start_time, end_time, energy_kwh, stop_reason,
       energy_kwh * share_in_period(epoch_s(start_time), session_end_s(start_time, end_time), $from::timestamp, $to::timestamp, $by::varchar) as energy,
       amount_in_period(amount_paid, epoch_s(start_time), session_end_s(start_time, end_time), $from::timestamp, $to::timestamp, $by::varchar) as money,
       date_diff('second', start_time, end_time) * share_in_period(epoch_s(start_time), session_end_s(start_time, end_time), $from::timestamp, $to::timestamp, $by::varchar) as stay,
       is_completed(start_time, end_time, energy_kwh, status) as completed
from sessions_chosen
where in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar)
