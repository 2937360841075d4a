/*---
title: Downtimes
description: Times when ports and charge points were down, as known at as_of. Overlapping outages count once.
details:
  - >-
    A port is down while its charge point is offline, faulted or unavailable as a whole, or while all connectors of the port are
    faulted or unavailable.
  - A charge point is down in the same way, by all its connectors.
  - "Columns: station_id, port_id, is_port, down_from, down_to (as_of if it is still down), is_excluded."
  - is_port is false for the charge point as a whole, whose port_id is empty.
  - is_excluded is true if only outages outside the operator's control caused the downtime.
---*/
with members as (
  select station_id, port_id as port, true as is_port, connector as member_connector, count(*) over (partition by station_id, port_id) as connector_count from ports
  union all
  select station_id, null::varchar as port, false as is_port, connector as member_connector, count(*) over (partition by station_id) as connector_count from ports
),
units as (
  select station_id, port, is_port, connector_count
  from members
  group by station_id, port, is_port, connector_count
),
ended_outages as (
  select station_id, connector, is_excluded, down_from, coalesce(down_to, $as_of::timestamp) as down_until
  from outages
),
-- Most outages meet no other at their charge point, so only the others are sorted for each unit.
marked_outages as (
  select station_id, connector, is_excluded, down_from, down_until,
         coalesce(max(down_until) over (partition by station_id order by down_from, down_until rows between unbounded preceding and 1 preceding) > down_from, false) as meets_earlier,
         coalesce(lead(down_from, 1, null) over (partition by station_id order by down_from, down_until) < down_until, false) as meets_later
  from ended_outages
),
-- An outage of the whole charge point counts as much as outages of all connectors of the unit.
weighted_outages as (
  select units.station_id, port, is_port, connector_count, down_from, down_until, connector_count as weight, is_excluded, meets_earlier or meets_later as meets_another
  from marked_outages join units on marked_outages.station_id = units.station_id
  where connector = '0'
  union all
  select members.station_id, port, is_port, connector_count, down_from, down_until, 1 as weight, is_excluded, meets_earlier or meets_later as meets_another
  from marked_outages join members on marked_outages.station_id = members.station_id and marked_outages.connector = member_connector
  where marked_outages.connector <> '0'
),
edges as (
  select station_id, port, is_port, connector_count, down_from as moment, weight, case when is_excluded then 0 else weight end as counted_weight
  from weighted_outages
  where meets_another
  union all
  select station_id, port, is_port, connector_count, down_until as moment, -weight, case when is_excluded then 0 else -weight end as counted_weight
  from weighted_outages
  where meets_another
),
steps as (
  select station_id, port, is_port, connector_count, moment,
         sum(weight) over (partition by station_id, port, is_port order by moment) as depth,
         sum(counted_weight) over (partition by station_id, port, is_port order by moment) as counted_depth,
         lead(moment, 1, null) over (partition by station_id, port, is_port order by moment) as next_moment
  from edges
)
select station_id, port as port_id, is_port, moment as down_from, next_moment as down_to, counted_depth < connector_count as is_excluded
from steps
where depth >= connector_count and next_moment > moment
union all
select station_id, port as port_id, is_port, down_from, down_until as down_to, is_excluded
from weighted_outages
where not meets_another and weight >= connector_count and down_until > down_from
