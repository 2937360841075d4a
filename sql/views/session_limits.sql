/*---
title: Limits of sessions without an end
description: Until when a session without an end occupies its connector.
details:
  - >-
    It counts until the next session at its connector starts, for open_session_hours at most. Sessions without a connector are at a
    connector of their own.
params:
  open_session_hours: { description: Maximum hours a session without an end counts in utilisation and load, default: 24, min: 0, max: 87600 }
columns:
  endless_id: { description: Session ID }
  limited_end: { description: Time until which it counts; may be later than as_of }
---*/
with endless as (
  select session_id as endless_id, station_id as endless_station, connector_id as endless_connector, start_time as endless_start
  from charging_sessions
  where end_time is null
),
endless_connectors as (
  select endless_station, endless_connector from endless group by endless_station, endless_connector
),
starts as (
  select station_id as starting_station, connector_id as starting_connector, start_time as started_at
  from charging_sessions join endless_connectors on station_id = endless_station and connector_id is not distinct from endless_connector
  group by station_id, connector_id, start_time
),
next_starts as (
  select starting_station, starting_connector, started_at,
         lead(started_at, 1, null) over (partition by starting_station, starting_connector order by started_at) as next_start
  from starts
)
select endless_id, least_non_null(seconds_after(endless_start, 3600 * $open_session_hours::double), next_start) as limited_end
from endless
  join next_starts on endless_station = starting_station and endless_connector is not distinct from starting_connector and endless_start = started_at
