/*---
title: Failed sessions
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
with ended as (
  select station_id, stop_reason, session_id, end_time, energy_kwh,
         coalesce(not completed, true) as has_failed
  from sessions_in_period
  where end_time is not null
),
reason_counts as (
  select station_id, stop_reason,
         count(*) as sessions,
         count(*) filter (where has_failed) as failed,
         count(*) filter (where has_failed and coalesce(energy_kwh, 0) <= 0) as empty_sessions,
         max(end_time) filter (where has_failed) as last_failed_end,
         -- The time has 19 digits, so the greatest text is that of the latest session.
         max(case when has_failed then (epoch_micros(end_time) + 2000000000000000000)::varchar || session_id end) as latest_key
  from ended
  group by station_id, stop_reason
),
reason_shares as (
  select *, sum(sessions) over (partition by station_id) as all_sessions
  from reason_counts
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
from reason_shares left join points on point = station_id
where failed > 0
