/*---
title: Outages
description: >-
  When a charge point or a connector could not be used, as far as is known at as_of: offline by the rule of offline_periods,
  or faulted or unavailable by what it reported. Outages of one charge point may overlap; of one connector and cause they
  do not. Columns: station_id, connector (0 is the charge point as a whole), cause (offline, faulted or unavailable),
  down_from, down_to (empty while it lasts), is_excluded (true where the event it began with, or one that repeats the same
  state, says that the outage is outside the operator's control).
---*/
with reported as (
  select station_id, connector, state, since, until, is_excluded as says_excluded,
         coalesce(since = lag(until, 1, null) over (partition by station_id, connector order by since, until)
                  and state = lag(state, 1, null) over (partition by station_id, connector order by since, until), false) as goes_on
  from connector_states
  where state in ('faulted', 'unavailable') and (until is null or until > since)
),
numbered as (
  select station_id, connector, state, since, until, says_excluded,
         sum(case when goes_on then 0 else 1 end) over (partition by station_id, connector order by since rows between unbounded preceding and current row) as run
  from reported
)
select station_id, '0' as connector, 'offline' as cause, offline_from as down_from, offline_to as down_to, is_excluded
from offline_periods
union all
select station_id, connector, state as cause, since as down_from, until as down_to,
       -- What is said when an outage begins holds while the state is only repeated.
       max(case when says_excluded then 1 else 0 end)
         over (partition by station_id, connector, run order by since rows between unbounded preceding and current row) = 1 as is_excluded
from numbered
