/*---
title: Statuses of use
description: Statuses of connectors in the period, and those that last when it begins, with the time of the next one.
details:
  - "Columns: station_id, event_time, next_time (empty for the current status), is_charging, is_idle, has_charged (since the connector last had another status)."
params:
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
---*/
-- A pause belongs to the last other status, however long ago.
with begins as (
  select station_id as begin_station, connector_id as begin_connector, max(event_time) as begins_at
  from filtered_events
  where status is not null and coalesce(connector_id, '0') <> '0' and not is_pause(status)
    and event_time < $from::timestamp
  group by station_id, connector_id
),
statuses as (
  select station_id, connector_id, status, event_time, arrival_order
  from filtered_events
  where status is not null and coalesce(connector_id, '0') <> '0'
    and ($from::timestamp is null or event_time >= $from::timestamp)
    and ($to::timestamp is null or event_time <= $to::timestamp)
  union all
  select station_id, connector_id, status, event_time, arrival_order
  from filtered_events join begins on station_id = begin_station and connector_id = begin_connector
  where status is not null and event_time >= begins_at and event_time < $from::timestamp
    and ($to::timestamp is null or event_time <= $to::timestamp)
)
select station_id, event_time,
       lead(event_time, 1, null) over (partition by station_id, connector_id order by event_time, arrival_order) as next_time,
       equals_ci(status, 'charging') as is_charging,
       is_idle(status) as is_idle,
       -- Pauses of the charger or of a full car do not end a charge: they keep the last other status.
       last_value(case when equals_ci(status, 'charging') then true when not is_pause(status) then false end ignore nulls)
         over (partition by station_id, connector_id order by event_time, arrival_order rows between unbounded preceding and current row) as has_charged
from statuses
