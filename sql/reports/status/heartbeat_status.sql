/*---
title: Heartbeat status
summary: "Last heartbeat, and if overdue"
description: Time of a charge point's last heartbeat at as_of, and whether the next one is overdue.
details:
  - "healthy: up to two intervals ago. late: more than two. stale: more than five. unknown: no heartbeat."
  - The interval is the one in the latest event that has one, else that of the charge point, else heartbeat_interval_seconds.
  - Only heartbeats count, not other events.
  - A charge point is known if it has a row of its own or an event by as_of.
http: ["/api/v1/status/charge-points/{charge_point_id}/heartbeat-status", /v0/pipes/heartbeat_status.json]
params:
  charge_point_id: { description: Charge point ID, role: charge_point, required: true, example: cp_007 }
columns:
  charge_point_id: { description: Charge point }
  last_heartbeat_at: { description: "Last heartbeat, UTC; empty if there was none", nullable: true }
  heartbeat_interval_seconds: { description: Seconds between heartbeats, unit: seconds }
  status: { description: "Heartbeat status: healthy, late, stale or unknown" }
key: [charge_point_id]
sort: { default: charge_point_id, allow: [] }
page: { kind: none }
answer: { shape: object, missing: { parameter: charge_point_id, what: charge point } }
---*/
with heartbeats as (
  select station_id, last_heartbeat_at as heartbeat_at, heartbeat_interval as reported_interval, null::double as own_interval
  from connections
  union all
  select station_id, null::timestamp as heartbeat_at, null::double as reported_interval, nullif(heartbeat_interval_seconds, 0) as own_interval
  from charge_points
  where station_id = $charge_point_id::varchar
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
latest as (
  select station_id, max(heartbeat_at) as last_heartbeat, coalesce(max(reported_interval), max(own_interval), $heartbeat_interval_seconds::double) as interval_seconds
  from heartbeats
  group by station_id
)
select station_id as charge_point_id,
       last_heartbeat as last_heartbeat_at,
       interval_seconds as heartbeat_interval_seconds,
       case when last_heartbeat is null then 'unknown'
            when $as_of::timestamp <= seconds_after(last_heartbeat, 2 * interval_seconds) then 'healthy'
            when $as_of::timestamp <= seconds_after(last_heartbeat, 5 * interval_seconds) then 'late'
            else 'stale' end as status
from latest
