/*---
title: First and last events
description: The first and last event up to as_of of each charge point and connector, without the heartbeats stored in days.
details:
  - "Columns: station_id, connector (0 for statuses of the charge point as a whole, empty for events without a status), first_event_at, last_event_at."
---*/
select station_id,
       case when status is not null then coalesce(connector_id, '0') end as connector,
       min(event_time) as first_event_at,
       max(event_time) as last_event_at
from filtered_events
where arrival_order is not null
group by station_id, case when status is not null then coalesce(connector_id, '0') end
