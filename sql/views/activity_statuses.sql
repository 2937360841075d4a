/*---
title: Statuses of use
description: Statuses of connectors by the end of the period, with the time of the next one.
details:
  - "Columns: station_id, event_time, next_time (empty for the current status), is_charging, is_idle, has_charged (since the connector last had another status)."
params:
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
---*/
select station_id, event_time,
       lead(event_time, 1, null) over (partition by station_id, connector_id order by event_time, arrival_order) as next_time,
       equals_ci(status, 'charging') as is_charging,
       equals_ci(status, 'suspendedev') or equals_ci(status, 'finishing') as is_idle,
       -- Pauses of the charger or of a full car do not end a charge: they keep the last other status.
       last_value(case when equals_ci(status, 'charging') then true
                       when not (equals_ci(status, 'suspendedev') or equals_ci(status, 'suspendedevse') or equals_ci(status, 'finishing')) then false end ignore nulls)
         over (partition by station_id, connector_id order by event_time, arrival_order rows between unbounded preceding and current row) as has_charged
from filtered_events
where status is not null and coalesce(connector_id, '0') <> '0'
  and ($to::timestamp is null or event_time <= $to::timestamp)
