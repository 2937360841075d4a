/*---
title: Heartbeat status
description: >-
  When the last heartbeat of a charge point came, as far as is known at as_of, and whether the next is overdue: healthy up to
  two intervals after it, late beyond two, stale beyond five; unknown where there never was one. The interval is the one told
  by the latest event that tells it, else that of the charge point, else heartbeat_interval_seconds. Only heartbeats count,
  whatever else was heard. A charge point is known by its own row or by an event up to as_of.
http: ["/api/v1/status/charge-points/{charge_point_id}/heartbeat-status", /v0/pipes/heartbeat_status.json]
params:
  charge_point_id: { description: The charge point, required: true, example: cp_007 }
columns:
  charge_point_id: { description: Charge point }
  last_heartbeat_at: { description: "Last heartbeat, UTC; empty where there never was one", nullable: true }
  heartbeat_interval_seconds: { description: Seconds between two heartbeats, unit: seconds }
  status: { description: "healthy, late, stale or unknown" }
key: [charge_point_id]
sort: { default: charge_point_id, allow: [] }
page: { kind: none }
answer: { shape: object, missing: { parameter: charge_point_id, what: charge point } }
---*/
with known as (
  select station_id, last_heartbeat_at as beat, heartbeat_interval as told, null::double as planned
  from connections
  union all
  select station_id, null::timestamp as beat, null::double as told, nullif(heartbeat_interval_seconds, 0) as planned
  from charge_points
  where station_id = $charge_point_id::varchar
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
heard as (
  select station_id, max(beat) as last_beat, coalesce(max(told), max(planned), $heartbeat_interval_seconds::double) as every
  from known
  group by station_id
)
select station_id as charge_point_id,
       last_beat as last_heartbeat_at,
       every as heartbeat_interval_seconds,
       case when last_beat is null then 'unknown'
            when $as_of::timestamp <= seconds_after(last_beat, 2 * every) then 'healthy'
            when $as_of::timestamp <= seconds_after(last_beat, 5 * every) then 'late'
            else 'stale' end as status
from heard
