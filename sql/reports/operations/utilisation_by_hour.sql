/*---
title: Utilisation by hour
description: "Utilisation of every charge point in each hour of the local day: 24 rows per charge point."
details:
  - >-
    Utilisation is the plugged-in time divided by the available time: that hour on all days of the period, multiplied by the
    number of connectors.
  - Days of 23 or 25 hours count the hours they have.
  - All sessions count, with the time they ran in the period.
  - >-
    A session without an end counts until the connector's next session, for open_session_hours at most, and never beyond as_of.
  - >-
    Sessions on several connectors add up. Sessions that overlap at one connector, or at the connectors of one port, count once.
    Sessions without a connector are at the charge point's connector if it has one, else at one of their own.
  - >-
    The connectors are those known for the charge point; connectors of one port count as one. If none are known, the distinct
    connectors of its sessions in the period count, at least 1. plugged_in_minutes never exceeds connector_minutes.
  - >-
    Without from, the period begins with the first selected session. Without to, it ends with the last session end. It never
    extends past as_of.
  - Known charge points without sessions are returned with 0.
  - A period of more than 10,000 days is an error.
http: [/api/v1/analytics/utilisation/by-hour, /v0/pipes/utilisation_by_hour.json]
params:
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  tz: { description: IANA time zone of dates and hours, role: time_zone, default: UTC, example: Europe/Berlin }
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
columns:
  charge_point_id: { description: Charge point }
  hour: { description: Local hour of the day, unit: hour }
  utilisation: { description: plugged_in_minutes / connector_minutes; empty if the period has no such hour, unit: share, nullable: true }
  plugged_in_minutes: { description: Plugged-in time in this hour of the day, unit: minutes }
  charging_minutes: { description: Time connectors reported Charging; empty if the charge point had not reported it by the end of the period, unit: minutes, nullable: true }
  idle_minutes: { description: Time connectors reported SuspendedEV or Finishing after Charging while still plugged in; empty if the charge point had reported neither by the end of the period, unit: minutes, nullable: true }
  connectors: { description: Connectors of the charge point, unit: count }
  connector_minutes: { description: Time of this hour in the period multiplied by the number of connectors, unit: minutes }
  charge_point_name: { description: "Name, or the ID if no name is known" }
key: [charge_point_id, hour]
total: [plugged_in_minutes, charging_minutes, idle_minutes, connector_minutes]
sort: { default: charge_point_id, allow: [charge_point_id, charge_point_name, hour, utilisation, plugged_in_minutes, charging_minutes, idle_minutes] }
page: { kind: limit, default: 24000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_plugged_in_minutes: "coalesce(sum(plugged_in_minutes), 0)" }
chart: { kind: bar, x: hour, y: utilisation }
---*/
with sessions as (
  select station_id, connector_id,
         greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time))) as starts,
         least(epoch_s(stay_end), coalesce(epoch_s($to::timestamp) + 1, epoch_s($as_of::timestamp)), epoch_s($as_of::timestamp)) as ends
  from session_stays
  where start_time <= $as_of::timestamp
    and ($to::timestamp is null or start_time <= $to::timestamp)
    and in_period(start_time, stay_end, $from::timestamp, $to::timestamp, 'spread')
),
used_connectors as (
  select station_id, connector_id, min(starts) as first_start, max(ends) as last_end
  from sessions
  group by station_id, connector_id
),
period as (
  select coalesce(epoch_s($from::timestamp), min(first_start)) as period_start,
         least(coalesce(epoch_s($to::timestamp) + 1, max(last_end)), epoch_s($as_of::timestamp)) as period_end
  from used_connectors
),
quarters as (
  select period_start, period_end,
         unnest(range(idiv(period_start, 900),
                      case when bounded_buckets(idiv(period_end - period_start, 86400)) is not null then idiv(period_end - 1, 900) + 1 end)) as quarter
  from period
),
clock as (
  select period_start, period_end, quarter, local_hour_of_epoch(quarter * 900, $tz::varchar) as local_hour,
         local_hour_of_epoch(idiv(quarter, 4) * 3600, $tz::varchar) as local_hour_at_utc_hour
  from quarters
),
hour_lengths as (
  select local_hour, sum(greatest(overlap(period_start, period_end, quarter, 900), 0)) as hour_seconds
  from clock
  group by local_hour
),
-- A slot is a whole hour, or a quarter-hour where the zone is not whole hours from UTC at some time of the period.
slot_width as (select case when count(*) filter (where local_hour <> local_hour_at_utc_hour) = 0 then 3600 else 900 end as width from clock),
slot_hours as (
  select idiv(quarter * 900, width) as slot, min(local_hour) as local_hour_of_slot
  from clock cross join slot_width
  group by idiv(quarter * 900, width)
),
status_events as (
  select station_id, event_time,
         lead(event_time, 1, null) over (partition by station_id, connector_id order by event_time, arrival_order) as next_time,
         equals_ci(status, 'charging') as is_charging,
         equals_ci(status, 'suspendedev') or equals_ci(status, 'finishing') as is_idle,
         -- Pauses of the charger or of a full car do not end a charge: they keep the last other status.
         last_value(case when equals_ci(status, 'charging') then true
                         when not (equals_ci(status, 'suspendedev') or equals_ci(status, 'suspendedevse') or equals_ci(status, 'finishing')) then false end ignore nulls)
           over (partition by station_id, connector_id order by event_time, arrival_order rows between unbounded preceding and current row) as has_charged
  from filtered_events
  where status is not null and coalesce(connector_id, '0') <> '0'
    and ($to::timestamp is null or event_time <= $to::timestamp)
),
charging_support as (
  select station_id, count(*) filter (where is_charging) as charging_events, count(*) filter (where is_idle) as idle_events
  from status_events
  group by station_id
),
status_intervals as (
  select station_id, is_charging,
         greatest(epoch_s(event_time), period_start) as starts,
         least(coalesce(epoch_s(next_time), period_end), period_end) as ends
  from status_events cross join period
  where is_charging or (is_idle and has_charged)
),
known_ports as (
  select station_id as port_station, connector_id as port_connector, coalesce('port ' || evse_id, connector_id) as port
  from connectors
),
port_counts as (
  select port_station, count(distinct port) as port_count, min(port) as first_port
  from known_ports
  group by port_station
),
connector_counts as (
  select station_id, count(connector_id) as connectors_used, min(connector_id) as first_connector
  from used_connectors
  group by station_id
),
-- The port of every connector in the sessions. Sessions without a connector are at the only port.
used_ports as (
  select used_connectors.station_id as used_station, connector_id as used_connector,
         coalesce(port, connector_id,
                  case when coalesce(port_count, connectors_used, 0) <= 1 then coalesce(first_port, first_connector) end) as used_port
  from used_connectors
    left join known_ports on port_station = station_id and port_connector = connector_id
    left join port_counts on port_counts.port_station = station_id
    left join connector_counts on connector_counts.station_id = used_connectors.station_id
),
-- A session adds only the time after the latest end before it at its port.
port_sessions as (
  select station_id, ends,
         greatest(starts, coalesce(
           max(ends) over (partition by station_id, used_port order by starts, ends rows between unbounded preceding and 1 preceding), starts)) as counted_from
  from sessions join used_ports on used_station = station_id and used_connector is not distinct from connector_id
  where ends > starts
),
-- Sessions and statuses are cut into slots apart: one pass over both is slower.
session_slots as (
  select station_id, counted_from, ends, width, unnest(range(idiv(counted_from, width), idiv(ends - 1, width) + 1)) as slot
  from port_sessions cross join slot_width
  where ends > counted_from
),
status_slots as (
  select station_id, is_charging, starts, ends, width, unnest(range(idiv(starts, width), idiv(ends - 1, width) + 1)) as slot
  from status_intervals cross join slot_width
  where ends > starts
),
plugged as (
  select station_id, local_hour_of_slot as local_hour, sum(overlap(counted_from, ends, session_slots.slot, width)) as plugged_seconds
  from session_slots join slot_hours on slot_hours.slot = session_slots.slot
  group by station_id, local_hour_of_slot
),
activity as (
  select station_id, local_hour_of_slot as local_hour,
         sum(case when is_charging then overlap(starts, ends, status_slots.slot, width) end) as charging_seconds,
         sum(case when not is_charging then overlap(starts, ends, status_slots.slot, width) end) as idle_seconds
  from status_slots join slot_hours on slot_hours.slot = status_slots.slot
  group by station_id, local_hour_of_slot
),
own_points as (
  select station_id
  from charge_points
  where ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or site_id = $project_id::varchar)
),
points as (
  select station_id, connectors_used
  from connector_counts full join own_points using (station_id)
),
hours as (
  select points.station_id, coalesce(port_count, greatest(connectors_used, 1), 1) as connector_count,
         coalesce(charge_point_name, points.station_id) as name, unnest(range(0, 24)) as hour
  from points
    left join port_counts on port_station = points.station_id
    left join charge_points on charge_points.station_id = points.station_id
)
select hours.station_id as charge_point_id,
       hour,
       least(coalesce(plugged_seconds, 0), coalesce(hour_seconds, 0) * connector_count) / nullif(hour_seconds * connector_count, 0)::double as utilisation,
       least(coalesce(plugged_seconds, 0), coalesce(hour_seconds, 0) * connector_count) / 60::double as plugged_in_minutes,
       case when charging_events > 0 then coalesce(charging_seconds, 0) / 60::double end as charging_minutes,
       case when idle_events > 0 then coalesce(idle_seconds, 0) / 60::double end as idle_minutes,
       connector_count as connectors,
       coalesce(hour_seconds, 0) * connector_count / 60::double as connector_minutes,
       name as charge_point_name
from hours
  left join hour_lengths on hour_lengths.local_hour = hours.hour
  left join plugged on plugged.station_id = hours.station_id and plugged.local_hour = hours.hour
  left join activity on activity.station_id = hours.station_id and activity.local_hour = hours.hour
  left join charging_support on charging_support.station_id = hours.station_id
