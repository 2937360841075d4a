/*---
title: Operational issues
summary: Faults and other problems
listing: top
description: Detected and imported issues of the network, newest first.
details:
  - >-
    Lists all unresolved issues, and those resolved since the time of since, or in the 90 days before as_of. If the time of resolution
    is unknown, the start of the issue counts.
  - An issue that a correction of imported rows removes is resolved by that import. For an as_of before that it is not listed, but issue finds it.
  - A detected issue keeps its ID between runs, is resolved when its cause ends, and gets a new ID if the cause recurs.
http: [/api/v1/analytics/issues, /v0/pipes/issues.json]
params:
  status: { description: Only issues with this status, choices: [open, acknowledged, resolved] }
  type: { description: Only issues of this type, choices: [connectivity, faulted, billing, firmware] }
  severity: { description: Only issues of this severity, choices: [critical, high, medium, low] }
  from: { description: Earliest start of an issue, role: period_start, example: "2025-12-01" }
  to: { description: Latest start of an issue; a bare date includes the whole day, role: period_end, example: "2025-12-31" }
  since: { description: "Earliest time of resolution of resolved issues; default: 90 days before as_of", example: "2025-10-01" }
columns:
  issue_id: { description: Issue ID }
  type: { description: "Issue type: connectivity, faulted, billing or firmware" }
  charge_point_id: { description: Charge point, nullable: true }
  description: { description: Description of the issue, nullable: true }
  severity: { description: "Severity: critical, high, medium or low" }
  status: { description: "Status: open, acknowledged or resolved" }
  created_at: { description: "Start of the issue, UTC" }
  acknowledged_at: { description: "Time of the first acknowledgement, UTC", nullable: true }
  resolved_at: { description: "Time the issue was resolved, UTC", nullable: true }
  note: { description: Note of the latest acknowledgement that has one, nullable: true }
  connector_id: { description: Connector, nullable: true }
  session_id: { description: Session, nullable: true }
  found_by: { description: Rule that detected the issue; empty if it was imported, nullable: true }
# Unresolved issues are those that last at as_of, whenever they began.
scan_from: case when $status::varchar in ('open', 'acknowledged') then $as_of::timestamp else coalesce($since::timestamp, $as_of::timestamp - interval 90 day) end
key: [issue_id]
sort: { default: -created_at, allow: [created_at, resolved_at, type, severity, status, charge_point_id] }
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: list, key: data, totals: { total: count(*) } }
leading_columns: [issue_id, charge_point_id, severity, description, status, created_at]
---*/
select issue_id, type, station_id as charge_point_id, words as description, severity, state as status, created_at,
       acknowledged as acknowledged_at, resolved_at, remark as note, connector_id, session_id, found_by
from known_issues
where ($status::varchar is null or state = $status::varchar)
  and ($type::varchar is null or type = $type::varchar)
  and ($severity::varchar is null or severity = $severity::varchar)
  and ($from::timestamp is null or created_at >= $from::timestamp)
  and ($to::timestamp is null or created_at <= $to::timestamp)
  and (resolved_at is null or resolved_at <= $as_of::timestamp)
  and (state <> 'resolved' or coalesce(resolved_at, created_at) >= coalesce($since::timestamp, $as_of::timestamp - interval 90 day))
