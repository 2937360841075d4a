/*---
title: Energy by charge point
description: >-
  Energy delivered and completed sessions per charge point. A completed session has an end that is not before its
  start, delivered energy, and is not marked failed or invalid. A session belongs to the period by its start; with by=end
  by its end; with by=spread its energy is shared out evenly over the seconds it ran, what lies in the period counts, and
  every session that ran in the period is counted. Charge points without a completed session in the period do not appear.
http: [/api/v1/analytics/energy/by-charge-point, /v0/pipes/energy_by_charge_point.json]
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
         sum(energy) as delivered_kwh,
         count(*) as sessions
  from sessions_in_period
  where completed
  group by station_id
),
names as (select station_id as named_id, charge_point_name as given_name from charge_points)
select station_id as charge_point_id,
       coalesce(given_name, station_id) as charge_point_name,
       delivered_kwh as energy_kwh,
       sessions as session_count
from delivered left join names on named_id = station_id
