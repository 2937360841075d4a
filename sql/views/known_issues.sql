/*---
title: Known issues
description: Every issue up to as_of, detected or imported, with its current status.
details:
  - The ID of a detected issue is derived from its rule, charge point, connector, session and start.
  - >-
    An issue is resolved when an import corrects sessions, tariffs, events, charge points or firmware releases so that its rule no
    longer finds it. It keeps its ID, and has a note that says so unless an acknowledgement has one.
  - >-
    Such an issue is resolved at the time of the import, or at its end if it had ended before. The import may be after as_of, because
    data is as corrected at any as_of.
  - >-
    Columns: issue_id, found_by (the rule; empty if imported), type, severity, state (open, acknowledged, resolved), station_id,
    connector_id, session_id, words, created_at, acknowledged, resolved_at, remark.
---*/
with found as (
  select issue_id_of(rule, station_id, connector_id, session_id, created_at) as found_id,
         rule as found_by, type, severity, station_id, connector_id, session_id, description as words, created_at, resolved_at as ended_at
  from found_issues
),
-- The last correction of each issue. An issue that is found again is not resolved.
corrected as (
  select issue_id as corrected_id, rule, type, severity, station_id, connector_id, session_id, description, created_at, resolved_at as corrected_at
  from resolved_issues
  where created_at <= $as_of::timestamp
    and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or station_id in (select station_id from charge_points where site_id = $project_id::varchar))
  qualify row_number() over (partition by issue_id order by resolved_at desc, description) = 1
),
all_issues as (
  select found_id as all_issue_id, found_by, type, severity, station_id, connector_id, session_id, words, created_at, ended_at,
         false as closed_by_file, false as acknowledged_by_file, null::timestamp as file_acknowledged_at, null::varchar as file_note
  from found
  union all
  select corrected_id as all_issue_id, rule as found_by, type, severity, station_id, connector_id, session_id, description as words, created_at,
         corrected_at as ended_at, false as closed_by_file, false as acknowledged_by_file, null::timestamp as file_acknowledged_at,
         'Resolved by a correction' as file_note
  from corrected
  where corrected_id not in (select found_id from found where found_id is not null)
  union all
  select issue_id as all_issue_id, null::varchar as found_by, type, severity, station_id, connector_id, session_id, description as words, created_at,
         case when resolved_at <= $as_of::timestamp then resolved_at end as ended_at,
         status = 'resolved' and resolved_at is null as closed_by_file,
         status = 'acknowledged' and acknowledged_at is null as acknowledged_by_file,
         case when acknowledged_at <= $as_of::timestamp then acknowledged_at end as file_acknowledged_at,
         note as file_note
  from issues
  where created_at <= $as_of::timestamp
    and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or station_id in (select station_id from charge_points where site_id = $project_id::varchar))
),
acknowledgements as (
  select issue_id as acknowledged_issue, min(acknowledged_at) as first_acknowledged_at, max_by(note, acknowledged_at) filter (where note is not null) as last_note
  from issue_acknowledgements
  where acknowledged_at <= $as_of::timestamp
  group by issue_id
)
select all_issue_id as issue_id, found_by, type, severity,
       case when ended_at is not null or closed_by_file then 'resolved'
            when acknowledged_by_file or file_acknowledged_at is not null or first_acknowledged_at is not null then 'acknowledged'
            else 'open' end as state,
       station_id, connector_id, session_id, words, created_at,
       coalesce(file_acknowledged_at, first_acknowledged_at) as acknowledged,
       ended_at as resolved_at,
       coalesce(last_note, file_note) as remark
from all_issues left join acknowledgements on acknowledged_issue = all_issue_id
