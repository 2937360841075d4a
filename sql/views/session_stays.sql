/*---
title: Session stays
description: The selected sessions with the time at which they stop to occupy their connector.
details:
  - A session without an end occupies its connector until its limit in session_limits.
  - "Columns: those of filtered_sessions, and stay_end, which may be later than as_of for a session without an end."
---*/
select filtered_sessions.*, coalesce(end_time, limited_end) as stay_end
from filtered_sessions left join session_limits on endless_id = case when end_time is null then session_id end
