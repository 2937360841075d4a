/*---
title: Connection health
description: >-
  How steadily a charge point was connected over the 24 hours before as_of. Offline is what the rule of offline_periods says:
  from a disconnect, or, while heartbeats come, from two intervals after the last thing heard, until anything but a disconnect
  is heard. Uptime is the share of the 24 hours not offline; of a charge point first heard of later than that, the share of the
  time since then, and empty where nothing has been heard of it. A disconnection is an offline period that began in the 24
  hours. It was connected at the last connect or end of an offline period, and disconnected at the last beginning of one; both
  are empty where there was none within the 24 hours. A charge point is known by its own row or by an event up to as_of.
http: ["/api/v1/status/charge-points/{charge_point_id}/connection-health", /v0/pipes/connection_health.json]
params:
  charge_point_id: { description: The charge point, required: true, example: cp_007 }
columns:
  charge_point_id: { description: Charge point }
  uptime_percent_24h: { description: "Share of the 24 hours, or of the time since first heard of, not offline", unit: percent, nullable: true }
  disconnection_count_24h: { description: Offline periods begun in the 24 hours, unit: count }
  last_connected_at: { description: "Last connect or return within the 24 hours, UTC", nullable: true }
  last_disconnected_at: { description: "Last loss of connection within the 24 hours, UTC", nullable: true }
key: [charge_point_id]
sort: { default: charge_point_id, allow: [] }
page: { kind: none }
answer: { shape: object, missing: { parameter: charge_point_id, what: charge point } }
---*/
with lately as (
  select station_id, event_time as told_at, case when same_word(event_type, 'connect') then event_time end as linked_at
  from events_chosen
  where event_time > $as_of::timestamp - interval 24 hour
),
-- One event of before is enough to know that all 24 hours count.
before_them as (
  select station_id
  from events_chosen
  where event_time <= $as_of::timestamp - interval 24 hour
  limit 1
),
known as (
  select station_id, told_at, linked_at
  from lately
  union all
  select station_id, $as_of::timestamp - interval 24 hour as told_at, null::timestamp as linked_at
  from before_them
  union all
  select station_id, null::timestamp as told_at, null::timestamp as linked_at
  from charge_points
  where station_id = $charge_point_id::varchar
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
first_heard as (
  select station_id, min(told_at) as begins, max(linked_at) as last_link
  from known
  group by station_id
),
-- What ended or lasts in the 24 hours; their first moment belongs to the day before.
lost as (
  select count(*) filter (where offline_from > $as_of::timestamp - interval 24 hour) as times,
         max(offline_from) filter (where offline_from > $as_of::timestamp - interval 24 hour) as last_loss,
         max(offline_to) as last_return,
         coalesce(sum(micros_of(coalesce(offline_to, $as_of::timestamp)) - micros_of(greatest(offline_from, $as_of::timestamp - interval 24 hour))), 0) as micros
  from offline_periods
  where offline_to is null or offline_to > $as_of::timestamp - interval 24 hour
)
select station_id as charge_point_id,
       round(100 * (1 - micros / nullif(micros_of($as_of::timestamp) - micros_of(begins), 0)::double), 1) as uptime_percent_24h,
       times as disconnection_count_24h,
       case when last_return is null or last_link > last_return then last_link else last_return end as last_connected_at,
       last_loss as last_disconnected_at
from first_heard cross join lost
