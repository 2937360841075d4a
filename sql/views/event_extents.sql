/*---
title: First and last events
description: The first and last event of each kind by charge point, without the heartbeats stored in days.
details:
  - >-
    Columns: station_id, connector_id, event_type, status, first_at, last_at, last_before (the last one before the first day that
    scan_from needs; empty without scan_from).
---*/
select station_id, connector_id, event_type, status, min(event_time) as first_at, max(event_time) as last_at,
       max(event_time) filter (where event_time < scan_start($scan_from::timestamp, $as_of::timestamp)) as last_before
from filtered_events
where arrival_order is not null
group by station_id, connector_id, event_type, status
