/*---
title: Energy by charge point
summary: Where energy is delivered
description: Energy and number of completed sessions per charge point.
details:
  - Charge points without a completed session in the period are not listed.
http: [/api/v1/analytics/energy/by-charge-point, /v0/pipes/energy_by_charge_point.json]
columns:
  charge_point_id: { description: Charge point }
  charge_point_name: { description: "Name, or the ID if no name is known" }
  energy_kwh: { description: Energy of the completed sessions, unit: kWh }
  session_count: { description: Completed sessions, unit: count }
key: [charge_point_id]
total: [energy_kwh, session_count]
sort: { default: -energy_kwh, allow: [charge_point_id, charge_point_name, energy_kwh, session_count] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_energy_kwh: "coalesce(sum(energy_kwh), 0)", total_sessions: "coalesce(sum(session_count), 0)" }
chart: { kind: hbar, x: charge_point_name, id: charge_point_id, y: energy_kwh, more: [session_count], opens: station }
---*/
with delivered as (
  select station_id,
         sum(energy) as total_energy,
         count(*) as sessions
  from sessions_in_period
  where completed
  group by station_id
),
points as (select station_id as point, charge_point_name as name from charge_points)
select station_id as charge_point_id,
       coalesce(name, station_id) as charge_point_name,
       total_energy as energy_kwh,
       sessions as session_count
from delivered left join points on point = station_id
