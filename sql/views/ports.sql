/*---
title: Ports
description: >-
  Every connector of every charge point heard of by as_of, by its own row or by having reported a status, with its port and
  the time the charge point has been in service. A port is what can charge one vehicle at a time: the connectors of one
  evse_id, or a connector without one. A charge point none of whose connectors is known makes one row with an empty port_id.
  Columns: station_id, port_id, connector, served_from (the first thing heard, or opened_at where that is later: of the
  time before nothing is known), served_to (closed_at; empty while it serves).
---*/
with told as (
  select station_id, case when status is not null then connector_id end as reported, min(event_time) as told_at
  from events_chosen
  group by station_id, case when status is not null then connector_id end
),
first_told as (
  select station_id, min(told_at) as first_told_at
  from told
  group by station_id
),
known as (
  select station_id, reported as plug, null::varchar as evse
  from told
  where reported <> '0'
  union all
  select station_id, connector_id as plug, evse_id as evse
  from connectors
  where connector_id <> '0'
),
plugs as (
  select station_id, plug, coalesce(max(evse), plug) as port
  from known
  group by station_id, plug
)
select first_told.station_id,
       port as port_id,
       plug as connector,
       greatest(first_told_at, coalesce(opened_at, first_told_at)) as served_from,
       closed_at as served_to
from first_told
  left join plugs on first_told.station_id = plugs.station_id
  left join charge_points on first_told.station_id = charge_points.station_id
