/*---
title: Operational issue
summary: One issue in full
description: One operational issue, even if it was resolved long ago.
http: ["/api/v1/analytics/issues/{issue_id}", /v0/pipes/issue.json]
params:
  issue_id: { description: Issue ID, required: true, example: iss_62b44eb8d8e0d1c3 }
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
key: [issue_id]
sort: { default: issue_id, allow: [] }
page: { kind: none }
# What lasts at as_of is enough for an issue that is not resolved.
scan_from: $as_of::timestamp
answer: { shape: object, missing: { parameter: issue_id, what: issue, read_all: true } }
---*/
select issue_id, type, station_id as charge_point_id, words as description, severity, state as status, created_at,
       acknowledged as acknowledged_at, resolved_at, remark as note, connector_id, session_id, found_by
from known_issues
where issue_id = $issue_id::varchar and ($scan_from::timestamp is null or state <> 'resolved')
