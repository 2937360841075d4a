/*---
title: Live status
description: >-
  Whether a charge point is online at as_of, by the rule of offline_periods, and what each connector does: the status it last
  reported, in its own word, and the session that runs. Connectors are those of their own rows, those that have reported a
  status and those of a running session; Unknown is one that has reported none. A fault or unavailability of the charge point as a
  whole, reported after the connector's status and not taken back, is told in its place. Of the
  sessions begun and not ended by as_of, whatever their records say of later, the last to begin at a connector runs, unless the
  connector has since reported to be available; one without a connector runs at the only one there is. Its energy and power are
  the last metered since it began: energy as told, or the reading of the meter less that at the start; without metering, energy is the
  record's own where that has no end yet, else empty. What a charge point was doing when it went offline is told as it was last
  known. A charge point is known by its own row or by an event up to as_of.
http: ["/api/v1/status/charge-points/{charge_point_id}/live-status", /v0/pipes/live_status.json]
params:
  charge_point_id: { description: The charge point, required: true, example: cp_007 }
columns:
  charge_point_id: { description: Charge point }
  online: { description: Whether it is online; false where nothing has been heard of it }
  connector_id: { description: Connector; empty in the only row of a charge point without any, nullable: true, numeric: true }
  status: { description: "Last status reported, in the charge point's own word; Unknown where there is none", nullable: true }
  session_id: { description: Running session, nullable: true }
  energy_kwh: { description: Energy of the running session so far, unit: kWh, nullable: true }
  power_kw: { description: Last metered power of the running session, unit: kW, nullable: true }
key: [connector_id]
sort: { default: connector_id, allow: [] }
page: { kind: none }
answer:
  shape: object
  list: { key: connectors, columns: [connector_id, status, session_id, energy_kwh, power_kw] }
  missing: { parameter: charge_point_id, what: charge point }
---*/
with known as (
  select station_id, online as is_online
  from connections
  union all
  select station_id, null::boolean as is_online
  from charge_points
  where station_id = $charge_point_id::varchar
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
point as (
  select station_id as point_id, count(*) filter (where is_online) > 0 as online_now
  from known
  group by station_id
),
reported as (
  select connector as plug,
         max(status) filter (where until is null) as last_status,
         max(state) filter (where until is null) as last_state,
         max(since) as told_at,
         max(since) filter (where state = 'available') as freed_at
  from connector_states
  group by connector
),
whole as (
  select $charge_point_id::varchar as whole_point, last_status as whole_status, told_at as whole_at
  from reported
  where plug = '0' and last_state in ('faulted', 'unavailable')
),
-- Every connector known without its sessions, once.
listed as (
  select plug, max(last_status) as own_status, max(told_at) as own_at, max(freed_at) as own_freed
  from (
    select plug, last_status, told_at, freed_at
    from reported
    where plug <> '0'
    union all
    select connector_id as plug, null::varchar as last_status, null::timestamp as told_at, null::timestamp as freed_at
    from connectors
    where station_id = $charge_point_id::varchar and connector_id <> '0'
  ) as each_plug
  group by plug
),
begun as (
  select coalesce(nullif(connector_id, '0'), (select min(plug) from listed having count(*) = 1)) as at_plug,
         session_id as session, transaction_id as txn, start_time as begun_at, meter_start,
         case when end_time is null then energy_kwh end as own_energy
  from charging_sessions
  where station_id = $charge_point_id::varchar
    and start_time <= $as_of::timestamp
    and (end_time is null or end_time > $as_of::timestamp)
),
latest as (
  select at_plug, session, txn, begun_at, meter_start, own_energy
  from begun
  where at_plug is not null
  qualify row_number() over (partition by at_plug order by begun_at desc, session desc) = 1
),
running as (
  select at_plug, session, txn, begun_at, meter_start, own_energy
  from latest left join listed on at_plug = plug
  where own_freed is null or own_freed <= begun_at
),
metered as (
  select session as of_session,
         coalesce(energy_kwh, (meter_wh - meter_start) / 1000::double) as energy,
         power_kw as power,
         row_number() over (partition by session order by event_time, event_id) as place
  from running join charge_point_events
    on station_id = $charge_point_id::varchar and event_time >= begun_at
  where same_word(event_type, 'meter')
    and event_time <= $as_of::timestamp
    and (session_id = session or (session_id is null and connector_id = at_plug and coalesce(transaction_id = txn, true)))
),
readings as (
  select of_session,
         max_by(energy, place) filter (where energy is not null) as last_energy,
         max_by(power, place) filter (where power is not null) as last_power
  from metered
  group by of_session
),
plugs as (
  select $charge_point_id::varchar as plug_point, coalesce(plug, at_plug) as plug_now, own_status, own_at, session, own_energy
  from listed full join running on plug = at_plug
)
select point_id as charge_point_id,
       online_now as online,
       plug_now as connector_id,
       case when whole_at > coalesce(own_at, timestamp '1970-01-01') then whole_status
            when plug_now is not null then coalesce(own_status, 'Unknown') end as status,
       session as session_id,
       coalesce(last_energy, own_energy) as energy_kwh,
       last_power as power_kw
from point
  left join plugs on point_id = plug_point
  left join whole on point_id = whole_point
  left join readings on session = of_session
