/*---
title: Outages
description: "Times when a charge point or connector could not be used, as known at as_of: offline, faulted or unavailable."
details:
  - Offline is defined by offline_periods; faulted and unavailable are reported statuses.
  - Outages of one charge point may overlap; those of one connector and cause do not.
  - "With scan_from: only the outages that ended on its day or later, or still last."
  - >-
    Columns: station_id, connector (0 for the charge point as a whole), cause (offline, faulted or unavailable), down_from,
    down_to (empty while it lasts), is_excluded.
  - >-
    is_excluded is true if the event that started the outage, or one that repeats the same state, marks it as outside the
    operator's control.
---*/
with down_states as (
  select station_id, connector, state, since, until, is_excluded as event_excluded,
         coalesce(since = lag(until, 1, null) over (partition by station_id, connector order by since, until)
                  and state = lag(state, 1, null) over (partition by station_id, connector order by since, until), false) as repeats_previous
  from connector_states
  where state in ('faulted', 'unavailable') and (until is null or until > since)
),
numbered_states as (
  select station_id, connector, state, since, until, event_excluded,
         sum(case when repeats_previous then 0 else 1 end) over (partition by station_id, connector order by since rows between unbounded preceding and current row) as run
  from down_states
),
excluded_states as (
  select station_id, connector, state, since, until,
         -- An exclusion at the start of an outage lasts while events repeat the same state.
         max(case when event_excluded then 1 else 0 end)
           over (partition by station_id, connector, run order by since rows between unbounded preceding and current row) = 1 as is_excluded
  from numbered_states
)
select station_id, '0' as connector, 'offline' as cause, offline_from as down_from, offline_to as down_to, is_excluded
from offline_periods
union all
select station_id, connector, state as cause, since as down_from, until as down_to, is_excluded
from excluded_states
where $scan_from::timestamp is null or until is null or until >= scan_start($scan_from::timestamp, $as_of::timestamp)
