/*---
title: Operational issues
description: >-
  What is wrong in the network, found by the rules in what was ingested or ingested itself, newest first. Every unresolved
  issue is listed, and those resolved within resolved_within_days (begun, where it is not known when they were resolved).
  A found issue keeps its id however often the rules run, is resolved when its cause ends, and is a new one when the cause
  comes back.
http: [/api/v1/analytics/issues, /v0/pipes/issues.json]
params:
  status: { description: Only issues in this state, choices: [open, acknowledged, resolved] }
  type: { description: Only issues of this type, choices: [connectivity, faulted, billing, firmware] }
  severity: { description: Only issues as bad as this, choices: [critical, high, medium, low] }
  from: { description: First moment of its beginning, role: period_start, example: "2025-12-01" }
  to: { description: Last moment of its beginning; a bare date counts whole, role: period_end, example: "2025-12-31" }
  resolved_within_days: { description: Days a resolved issue is listed, default: 30, min: 0, max: 100000 }
columns:
  issue_id: { description: Issue }
  type: { description: "connectivity, faulted, billing or firmware" }
  charge_point_id: { description: Charge point, nullable: true }
  description: { description: What is wrong, nullable: true }
  severity: { description: "critical, high, medium or low" }
  status: { description: "open, acknowledged or resolved" }
  created_at: { description: "When it began, UTC" }
  acknowledged_at: { description: "When it was first acknowledged, UTC", nullable: true }
  resolved_at: { description: "When it was over, UTC", nullable: true }
  note: { description: Note of the latest acknowledgement that has one, nullable: true }
  connector_id: { description: Connector, nullable: true }
  session_id: { description: Session, nullable: true }
  found_by: { description: Rule that found it; empty for an ingested one, nullable: true }
key: [issue_id]
sort: { default: -created_at, allow: [created_at, resolved_at, type, severity, status, charge_point_id] }
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: list, key: data, totals: { total: count(*) } }
table: [issue_id, charge_point_id, severity, description, status, created_at]
---*/
select issue_id, type, station_id as charge_point_id, words as description, severity, state as status, created_at,
       acknowledged as acknowledged_at, resolved_at, remark as note, connector_id, session_id, found_by
from known_issues
where ($status::varchar is null or state = $status::varchar)
  and ($type::varchar is null or type = $type::varchar)
  and ($severity::varchar is null or severity = $severity::varchar)
  and ($from::timestamp is null or created_at >= $from::timestamp)
  and ($to::timestamp is null or created_at <= $to::timestamp)
  and (state <> 'resolved' or epoch_s($as_of::timestamp) - epoch_s(coalesce(resolved_at, created_at)) <= $resolved_within_days::bigint * 86400)
