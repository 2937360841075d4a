/*---
title: Failed sessions
summary: "Failures by charge point, reason"
description: Failed sessions per charge point and reason.
details:
  - The reason is the one in the file. Failed sessions without a reason are one row with an empty reason.
  - Active sessions are not counted.
  - Charge points without a failed session in the period are not listed.
http: [/api/v1/analytics/sessions/failed, /v0/pipes/failed_sessions.json]
params:
  by: { description: "How sessions are assigned to the period: by start or by end", choices: [start, end], default: start }
columns:
  charge_point_id: { description: Charge point }
  charge_point_name: { description: "Name, or the ID if no name is known" }
  reason: { description: "Reason for the end of the sessions, from the file", nullable: true }
  failed_sessions: { description: Failed sessions, unit: count }
  share_of_ended: { description: Share of the charge point's ended sessions in the period that failed for this reason, unit: share }
  without_energy: { description: Failed sessions without energy; the others are marked failed or invalid, unit: count }
  ended_sessions: { description: "Ended sessions of the charge point in the period, completed and failed", unit: count }
  last_failed_at: { description: End of the last failed session }
  example_session_id: { description: "Last failed session; on a tie, the last by ID" }
key: [charge_point_id, reason]
total: [failed_sessions, without_energy]
sort: { default: -failed_sessions, allow: [charge_point_id, charge_point_name, reason, failed_sessions, share_of_ended, last_failed_at] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_failed_sessions: "coalesce(sum(failed_sessions), 0)" }
chart: { kind: hbar, x: charge_point_name, id: charge_point_id, y: failed_sessions, series: reason, opens: station }
---*/
with ended_counts as (
  select station_id as counted_station, count(*) as all_sessions
  from sessions_in_period
  where end_time is not null
  group by station_id
),
failures as (
  select station_id, stop_reason,
         count(*) as failed,
         count(*) filter (where coalesce(energy_kwh, 0) <= 0) as empty_sessions,
         max(end_time) as last_failed_end,
         -- The time has 19 digits, so the greatest text is that of the latest session.
         max((epoch_micros(end_time) + 2000000000000000000)::varchar || session_id) as latest_key
  from sessions_in_period
  where end_time is not null and not completed
  group by station_id, stop_reason
),
points as (select station_id as point, charge_point_name as name from charge_points)
select station_id as charge_point_id,
       coalesce(name, station_id) as charge_point_name,
       stop_reason as reason,
       failed as failed_sessions,
       failed / nullif(all_sessions, 0)::double as share_of_ended,
       empty_sessions as without_energy,
       all_sessions as ended_sessions,
       last_failed_end as last_failed_at,
       substr(latest_key, 20) as example_session_id
from failures join ended_counts on counted_station = station_id left join points on point = station_id
