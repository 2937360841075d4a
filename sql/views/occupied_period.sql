/*---
title: Period of occupied times
description: The period over which utilisation is computed, in one row.
details:
  - >-
    Without from, the period begins with the first selected session. Without to, it ends with the last session end. It never
    extends past as_of.
  - "Columns: period_start, period_end (seconds since 1970; both empty without a bound and sessions)."
params:
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
---*/
select coalesce(epoch_s($from::timestamp), min(first_start)) as period_start,
       least(coalesce(epoch_s($to::timestamp) + 1, max(last_end)), epoch_s($as_of::timestamp)) as period_end
from occupied_connectors
