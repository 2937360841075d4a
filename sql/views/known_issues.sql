/*---
title: Known issues
description: >-
  Every issue there was up to as_of, found by a rule or ingested, with what has become of it. The id of a found one is made
  of its rule, its charge point, connector and session, and the moment it began. Columns: issue_id, found_by (the rule; empty
  for an ingested one), type, severity, state (open, acknowledged, resolved), station_id, connector_id, session_id,
  words, created_at, acknowledged, resolved_at, remark.
---*/
with every_issue as (
  select 'iss_' || short_hash(rule || '|' || station_id || '|' || coalesce(connector_id, '') || '|' || coalesce(session_id, '') || '|' || epoch_s(created_at)) as known_as,
         rule as found_by, type, severity, station_id, connector_id, session_id, description as words, created_at, resolved_at as over_at,
         false as closed_by_file, false as seen_by_file, null::timestamp as seen_at, null::varchar as file_note
  from found_issues
  union all
  select issue_id as known_as, null::varchar as found_by, type, severity, station_id, connector_id, session_id, description as words, created_at,
         case when resolved_at <= $as_of::timestamp then resolved_at end as over_at,
         status = 'resolved' and resolved_at is null as closed_by_file,
         status = 'acknowledged' and acknowledged_at is null as seen_by_file,
         case when acknowledged_at <= $as_of::timestamp then acknowledged_at end as seen_at,
         note as file_note
  from issues
  where created_at <= $as_of::timestamp
    and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or station_id in (select station_id from charge_points where site_id = $project_id::varchar))
),
answered as (
  select issue_id as answered_id, min(acknowledged_at) as first_seen_at, max_by(note, acknowledged_at) filter (where note is not null) as last_note
  from issue_acknowledgements
  where acknowledged_at <= $as_of::timestamp
  group by issue_id
)
select known_as as issue_id, found_by, type, severity,
       case when over_at is not null or closed_by_file then 'resolved'
            when seen_by_file or seen_at is not null or first_seen_at is not null then 'acknowledged'
            else 'open' end as state,
       station_id, connector_id, session_id, words, created_at,
       coalesce(seen_at, first_seen_at) as acknowledged,
       over_at as resolved_at,
       coalesce(last_note, file_note) as remark
from every_issue left join answered on answered_id = known_as
