/*---
title: Local days of shop events
description: >-
  The local day of each quarter-hour of UTC (seconds since 1970 over 900) that has a customer event. A zone is looked up for
  quarter-hours, not for events.
params:
  tz: { description: IANA time zone of the days, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  quarter: { description: Quarter-hours since 1970 }
  day: { description: Local day }
---*/
select quarter, local_date_of_epoch(quarter * 900, $tz::varchar) as day
from (select idiv(epoch_s(event_timestamp), 900) as quarter from customer_events group by idiv(epoch_s(event_timestamp), 900)) as quarters
