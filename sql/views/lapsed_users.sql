/*---
title: Inactive users
description: Users with at least min_sessions sessions by as_of, and none that started in the last inactive_days days.
details:
  - All sessions count, including failed and active ones. Sessions without a user do not.
  - "Columns: lapsed_id, sessions, first_start, last_start, total_energy (kWh) and total_amount (in the currency of the answer)."
params:
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
  min_sessions: { description: "Minimum number of sessions by as_of", default: 3, min: 1, max: 1000000 }
  inactive_days: { description: Days before as_of without a session, default: 30, min: 1, max: 3660 }
---*/
select user_id as lapsed_id, count(*) as sessions, min(start_time) as first_start, max(start_time) as last_start,
       sum(energy_kwh) as total_energy, sum(amount) as total_amount
from filtered_amounts
where user_id is not null and start_time <= $as_of::timestamp
group by user_id
having count(*) >= $min_sessions::bigint and max(start_time) <= seconds_after($as_of::timestamp, -86400 * $inactive_days::bigint)
