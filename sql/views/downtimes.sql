/*---
title: Downtimes
description: >-
  When ports and charge points were down as a whole, as far as is known at as_of, each moment once however many outages lay
  over it. A port is down while its charge point is offline, faulted or unavailable as a whole, or all connectors of the port
  are faulted or unavailable; a charge point likewise, by all its connectors. Columns: station_id, port_id, is_port (false for
  the charge point as a whole, whose port_id is empty), down_from, down_to (as_of while it lasts), is_excluded (true where it
  would not have been down but for outages outside the operator's control).
---*/
with members as (
  select station_id, port_id as port, true as is_port, connector as plug, count(*) over (partition by station_id, port_id) as plugs from ports
  union all
  select station_id, null::varchar as port, false as is_port, connector as plug, count(*) over (partition by station_id) as plugs from ports
),
units as (
  select station_id, port, is_port, plugs
  from members
  group by station_id, port, is_port, plugs
),
-- What befalls the charge point as a whole weighs as much as all connectors of the unit.
weighed as (
  select units.station_id, port, is_port, plugs, down_from, down_to, plugs as weight, case when is_excluded then 0 else plugs end as own_weight
  from outages join units on outages.station_id = units.station_id
  where connector = '0'
  union all
  select members.station_id, port, is_port, plugs, down_from, down_to, 1 as weight, case when is_excluded then 0 else 1 end as own_weight
  from outages join members on outages.station_id = members.station_id and outages.connector = plug
  where outages.connector <> '0'
),
edges as (
  select station_id, port, is_port, plugs, down_from as moment, weight, own_weight
  from weighed
  union all
  select station_id, port, is_port, plugs, coalesce(down_to, $as_of::timestamp) as moment, -weight, -own_weight
  from weighed
),
steps as (
  select station_id, port, is_port, plugs, moment,
         sum(weight) over (partition by station_id, port, is_port order by moment) as depth,
         sum(own_weight) over (partition by station_id, port, is_port order by moment) as own_depth,
         lead(moment, 1, null) over (partition by station_id, port, is_port order by moment) as next_moment
  from edges
)
select station_id, port as port_id, is_port, moment as down_from, next_moment as down_to, own_depth < plugs as is_excluded
from steps
where depth >= plugs and next_moment > moment
