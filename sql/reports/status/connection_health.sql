/*---
title: Connection health
summary: Disconnections in 24 hours
description: Uptime, disconnections and last connect and disconnect of a charge point in the 24 hours before as_of.
details:
  - Uptime is the share of the 24 hours in which the charge point was not offline, by the rule of offline_periods.
  - >-
    For a charge point first heard from within the 24 hours, uptime covers the time since then. It is empty if the charge point
    was never heard from.
  - A disconnection is an offline period that began in the 24 hours.
  - >-
    last_connected_at is the last connect or end of an offline period, last_disconnected_at the last start of one. Both are empty
    if there was none in the 24 hours.
  - A charge point is known if it has a row of its own or an event by as_of.
http: ["/api/v1/status/charge-points/{charge_point_id}/connection-health", /v0/pipes/connection_health.json]
params:
  charge_point_id: { description: Charge point ID, role: charge_point, required: true, example: cp_007 }
scan_from: $as_of::timestamp - interval 24 hour
columns:
  charge_point_id: { description: Charge point }
  uptime_percent_24h: { description: "Share of the last 24 hours online, or of the time since the charge point was first heard from", unit: percent, nullable: true }
  disconnection_count_24h: { description: Offline periods that started in the last 24 hours, unit: count }
  last_connected_at: { description: "Last connect or reconnect within the last 24 hours, UTC", nullable: true }
  last_disconnected_at: { description: "Last loss of connection within the last 24 hours, UTC", nullable: true }
key: [charge_point_id]
sort: { default: charge_point_id, allow: [] }
page: { kind: none }
answer: { shape: object, missing: { parameter: charge_point_id, what: charge point } }
---*/
with recent_events as (
  select station_id, event_time as event_at, case when equals_ci(event_type, 'connect') then event_time end as connected_at
  from filtered_events
  where event_time > $as_of::timestamp - interval 24 hour and arrival_order is not null
),
-- One earlier event is enough to count the full 24 hours.
earlier_event as (
  select station_id
  from filtered_events
  where event_time <= $as_of::timestamp - interval 24 hour and arrival_order is not null
  limit 1
),
activity as (
  select station_id, event_at, connected_at
  from recent_events
  union all
  select station_id, $as_of::timestamp - interval 24 hour as event_at, null::timestamp as connected_at
  from earlier_event
  union all
  select station_id, greatest(first_heartbeat, $as_of::timestamp - interval 24 hour) as event_at, null::timestamp as connected_at
  from heartbeat_extents
  union all
  select station_id, null::timestamp as event_at, null::timestamp as connected_at
  from charge_points
  where station_id = $charge_point_id::varchar
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
first_event as (
  select station_id, min(event_at) as counted_from, max(connected_at) as last_connect
  from activity
  group by station_id
),
-- Periods that ended within the 24 hours or still last; the first moment belongs to the day before.
disconnections as (
  select count(*) filter (where offline_from > $as_of::timestamp - interval 24 hour) as disconnect_count,
         max(offline_from) filter (where offline_from > $as_of::timestamp - interval 24 hour) as last_disconnect,
         max(offline_to) as last_reconnect,
         coalesce(sum(epoch_micros(coalesce(offline_to, $as_of::timestamp)) - epoch_micros(greatest(offline_from, $as_of::timestamp - interval 24 hour))), 0) as offline_micros
  from offline_periods
  where offline_to is null or offline_to > $as_of::timestamp - interval 24 hour
)
select station_id as charge_point_id,
       round(100 * (1 - offline_micros / nullif(epoch_micros($as_of::timestamp) - epoch_micros(counted_from), 0)::double), 1) as uptime_percent_24h,
       disconnect_count as disconnection_count_24h,
       case when last_reconnect is null or last_connect > last_reconnect then last_connect else last_reconnect end as last_connected_at,
       last_disconnect as last_disconnected_at
from first_event cross join disconnections
