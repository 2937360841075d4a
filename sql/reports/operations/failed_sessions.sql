/*---
title: Failed sessions
description: >-
  Sessions that ended without being completed, per charge point and reason. A completed session has an end that is not
  before its start, delivered energy, and is not marked failed or invalid; a session without an end still runs and is not
  counted. The reason is the one the session ended for, in the file's own words; failed sessions without one are a row
  with an empty reason. A session belongs to the period by its start; with by=end by its end. Charge points without a
  failed session in the period do not appear.
http: [/api/v1/analytics/sessions/failed, /v0/pipes/failed_sessions.json]
params:
  by: { description: "What puts a session into the period: its start or its end", choices: [start, end], default: start }
columns:
  charge_point_id: { description: Charge point }
  charge_point_name: { description: "Its name, or its id where no name is known" }
  reason: { description: "Why they ended, as the file has it", nullable: true }
  failed_sessions: { description: Failed sessions, unit: count }
  share_of_ended: { description: Failed sessions for this reason over all ended sessions of the charge point in the period, unit: share }
  without_energy: { description: "Those of the failed that delivered no energy; the others are marked failed or invalid", unit: count }
  ended_sessions: { description: "Ended sessions of the charge point in the period, completed and failed", unit: count }
  last_failed_at: { description: End of the last of the failed }
  example_session_id: { description: "The session that failed last; of several at one moment, the last by id" }
key: [charge_point_id, reason]
sort: { default: -failed_sessions, allow: [charge_point_id, charge_point_name, reason, failed_sessions, share_of_ended, last_failed_at] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_failed_sessions: "coalesce(sum(failed_sessions), 0)" }
chart: { kind: bar, x: charge_point_name, y: failed_sessions }
---*/
with ended as (
  select station_id, stop_reason, session_id, end_time, energy_kwh,
         coalesce(not completed, true) as has_failed
  from sessions_in_period
  where end_time is not null
),
counted as (
  select station_id, stop_reason,
         count(*) as sessions,
         count(*) filter (where has_failed) as failed,
         count(*) filter (where has_failed and coalesce(energy_kwh, 0) <= 0) as empty_sessions,
         max(end_time) filter (where has_failed) as latest_end,
         -- With 19 digits of time before it, the greatest text is that of the latest session.
         max(case when has_failed then (micros_of(end_time) + 2000000000000000000)::varchar || session_id end) as latest
  from ended
  group by station_id, stop_reason
),
weighed as (
  select *, sum(sessions) over (partition by station_id) as point_sessions
  from counted
),
names as (select station_id as named_id, charge_point_name as given_name from charge_points)
select station_id as charge_point_id,
       coalesce(given_name, station_id) as charge_point_name,
       stop_reason as reason,
       failed as failed_sessions,
       failed / nullif(point_sessions, 0)::double as share_of_ended,
       empty_sessions as without_energy,
       point_sessions as ended_sessions,
       latest_end as last_failed_at,
       substr(latest, 20) as example_session_id
from weighed left join names on named_id = station_id
where failed > 0
