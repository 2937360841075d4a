/*---
title: Energy by charge point
description: >-
  Energy delivered and completed sessions per charge point. A completed session has an end that is not before its
  start, delivered energy, and is not marked failed or invalid. A session belongs to the period by its start; with by=end
  by its end; with by=spread its energy is shared out evenly over the seconds it ran, what lies in the period counts, and
  every session that ran in the period is counted. Charge points without a completed session in the period do not appear.
http: [/api/v1/analytics/energy/by-charge-point, /v0/pipes/energy_by_charge_point.json]
params:
  from: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  to: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-01-31" }
  charge_point_id: { description: Only this charge point, example: cp_007 }
  project_id: { description: "Only this site: the session's own, or where it has none that of its charge point", example: site_03 }
  by: { description: "What puts a session into the period: its start, its end, or energy spread over the time it ran", choices: [start, end, spread], default: start }
columns:
  charge_point_id: { description: Charge point }
  charge_point_name: { description: "Its name, or its id where no name is known" }
  energy_kwh: { description: Energy of the completed sessions, unit: kWh }
  session_count: { description: Completed sessions, unit: count }
key: [charge_point_id]
sort: { default: -energy_kwh, allow: [charge_point_id, charge_point_name, energy_kwh, session_count] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_energy_kwh: "coalesce(sum(energy_kwh), 0)", total_sessions: "coalesce(sum(session_count), 0)" }
chart: { kind: bar, x: charge_point_name, y: energy_kwh }
---*/
with delivered as (
  select station_id,
         sum(energy_kwh * share_in_period(epoch_s(start_time), session_end_s(start_time, end_time), $from::timestamp, $to::timestamp, $by::varchar)) as energy,
         count(*) as sessions
  from charging_sessions
  where is_completed(start_time, end_time, energy_kwh, status)
    and in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar)
    and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or site_id = $project_id::varchar
         or (site_id is null and station_id in (select station_id from charge_points where site_id = $project_id::varchar)))
  group by station_id
),
names as (select station_id as named_id, charge_point_name as given_name from charge_points)
select station_id as charge_point_id,
       coalesce(given_name, station_id) as charge_point_name,
       energy as energy_kwh,
       sessions as session_count
from delivered left join names on named_id = station_id
