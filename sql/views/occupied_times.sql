/*---
title: Occupied times
description: The time that each selected session occupies its connector, cut to the period and to as_of.
details:
  - A session without an end counts until its limit in session_limits, and never beyond as_of.
  - "Columns: station_id, connector_id, starts and ends (seconds since 1970; a session without length ends when it starts)."
params:
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
---*/
select station_id, connector_id,
       greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time))) as starts,
       least(epoch_s(stay_end), coalesce(epoch_s($to::timestamp) + 1, epoch_s($as_of::timestamp)), epoch_s($as_of::timestamp)) as ends
from session_stays
where start_time <= $as_of::timestamp
  and ($to::timestamp is null or start_time <= $to::timestamp)
  and in_period(start_time, stay_end, $from::timestamp, $to::timestamp, 'spread')
