/*---
title: Occupied connectors
description: Connectors with a session in the period, and the first and last time they are occupied.
details:
  - "Columns: station_id, connector_id (empty for sessions without one), first_start, last_end (seconds since 1970)."
---*/
select station_id, connector_id, min(starts) as first_start, max(ends) as last_end
from occupied_times
group by station_id, connector_id
