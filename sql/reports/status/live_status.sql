/*---
title: Live status
summary: Connectors of a charge point now
description: Whether a charge point is online at as_of, with the status and active session of each connector.
details:
  - Online is defined by the rule of offline_periods.
  - >-
    The status is the last one the connector reported, as written by the charge point. Statuses from before the charge point went
    offline stay.
  - >-
    Connectors are those with a row of their own, with a reported status or with an active session. The status is Unknown if none
    was reported.
  - If the charge point as a whole later reported a fault or unavailability that has not ended, that status is shown instead.
  - >-
    The active session of a connector is the last one that started by as_of and had not ended, unless the connector has since
    reported that it is available. Later data is ignored.
  - A session without a connector belongs to the only connector of the charge point.
  - >-
    Energy and power are the last metered values since the session started: the reported energy, or the meter reading minus the
    reading at the start.
  - Without metered values, energy is that of the session record if the record has no end yet, else empty.
  - A charge point is known if it has a row of its own or an event by as_of.
http: ["/api/v1/status/charge-points/{charge_point_id}/live-status", /v0/pipes/live_status.json]
params:
  charge_point_id: { description: Charge point ID, role: charge_point, required: true, example: cp_007 }
columns:
  charge_point_id: { description: Charge point }
  online: { description: Whether the charge point is online; false if it was never heard from }
  connector_id: { description: Connector ID; empty in the single row of a charge point without connectors, nullable: true, numeric: true }
  status: { description: Last status as reported by the charge point; Unknown if there is none, nullable: true }
  session_id: { description: Active session, nullable: true }
  energy_kwh: { description: Energy of the active session so far, unit: kWh, nullable: true }
  power_kw: { description: Last metered power of the active session, unit: kW, nullable: true }
key: [connector_id]
sort: { default: connector_id, allow: [] }
page: { kind: none }
answer:
  shape: object
  list: { key: connectors, columns: [connector_id, status, session_id, energy_kwh, power_kw] }
  missing: { parameter: charge_point_id, what: charge point }
---*/
with known_points as (
  select station_id, online
  from connections
  union all
  select station_id, null::boolean as online
  from charge_points
  where station_id = $charge_point_id::varchar
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
point as (
  select station_id, count(*) filter (where online) > 0 as is_online
  from known_points
  group by station_id
),
reported as (
  select connector,
         max(status) filter (where until is null) as last_status,
         max(state) filter (where until is null) as last_state,
         max(since) as reported_at,
         max(since) filter (where state = 'available') as available_at
  from connector_states
  group by connector
),
-- A fault or unavailability of the charge point as a whole.
point_status as (
  select $charge_point_id::varchar as station_id, last_status as status_of_point, reported_at as point_reported_at
  from reported
  where connector = '0' and last_state in ('faulted', 'unavailable')
),
own_connectors as (
  select connector_id as connector
  from connectors
  where station_id = $charge_point_id::varchar
),
known_connectors as (
  select connector, last_status, reported_at, available_at
  from reported full join own_connectors using (connector)
  where connector <> '0'
),
active_sessions as (
  select coalesce(nullif(connector_id, '0'), (select min(connector) from known_connectors having count(*) = 1)) as connector,
         session_id, transaction_id, start_time, meter_start,
         case when end_time is null then energy_kwh end as session_energy
  from charging_sessions
  where station_id = $charge_point_id::varchar
    and start_time <= $as_of::timestamp
    and (end_time is null or end_time > $as_of::timestamp)
),
latest_sessions as (
  select connector, session_id, transaction_id, start_time, meter_start, session_energy
  from active_sessions
  where connector is not null
  qualify row_number() over (partition by connector order by start_time desc, session_id desc) = 1
),
-- A connector that has reported itself available since the session started has no session.
running as (
  select latest_sessions.connector, session_id, transaction_id, start_time, meter_start, session_energy
  from latest_sessions left join known_connectors on known_connectors.connector = latest_sessions.connector
  where available_at is null or available_at <= start_time
),
meter_values as (
  select running.session_id,
         coalesce(energy_kwh, (meter_wh - running.meter_start) / 1000::double) as energy,
         power_kw as power,
         row_number() over (partition by running.session_id order by event_time, arrival_order) as position
  from running join charge_point_events on station_id = $charge_point_id::varchar and event_time >= start_time
  where equals_ci(event_type, 'meter')
    and arrival_order is not null
    and event_time <= $as_of::timestamp
    and (charge_point_events.session_id = running.session_id
         or (charge_point_events.session_id is null and connector_id = running.connector
             and coalesce(charge_point_events.transaction_id = running.transaction_id, true)))
),
readings as (
  select session_id,
         max_by(energy, position) filter (where energy is not null) as last_energy,
         max_by(power, position) filter (where power is not null) as last_power
  from meter_values
  group by session_id
),
occupancy as (
  select $charge_point_id::varchar as station_id, connector, last_status, reported_at, session_id, session_energy
  from known_connectors full join running using (connector)
)
select point.station_id as charge_point_id,
       is_online as online,
       connector as connector_id,
       case when point_reported_at > coalesce(reported_at, timestamp '1970-01-01') then status_of_point
            when connector is not null then coalesce(last_status, 'Unknown') end as status,
       occupancy.session_id,
       coalesce(last_energy, session_energy) as energy_kwh,
       last_power as power_kw
from point
  left join occupancy on occupancy.station_id = point.station_id
  left join point_status on point_status.station_id = point.station_id
  left join readings on readings.session_id = occupancy.session_id
