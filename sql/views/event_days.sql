/*---
title: Local days of customer events
description: The local day of each quarter-hour (UTC) that has a customer event.
details:
  - A quarter-hour is seconds since 1970 divided by 900. Time zones are looked up per quarter-hour, not per event.
params:
  tz: { description: IANA time zone of the days, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  quarter: { description: Quarter-hour since 1970 (UTC) }
  day: { description: Local day }
---*/
select quarter, local_date_of_epoch(quarter * 900, $tz::varchar) as day
from (select idiv(epoch_s(event_timestamp), 900) as quarter from customer_events group by idiv(epoch_s(event_timestamp), 900)) as quarters
