/*---
title: Issues summary
summary: Open issues by type and severity
description: Number of open and acknowledged issues, in total and by type and severity.
details:
  - Resolved issues are not counted.
  - Unresolved issues count whenever they began. Only what lasts at as_of is read.
http: [/api/v1/analytics/issues/summary, /v0/pipes/issues_summary.json]
params:
  since: { description: "Earliest time of resolution of resolved issues, as in issues; excludes nothing here, because only unresolved issues count; default: 90 days before as_of", example: "2025-10-01" }
# Unresolved issues are those that last at as_of, so nothing earlier is read whatever since is.
scan_from: greatest(coalesce($since::timestamp, $as_of::timestamp - interval 90 day), $as_of::timestamp)
columns:
  open_count: { description: Open issues, unit: count }
  acknowledged_count: { description: Acknowledged issues, unit: count }
  connectivity: { description: Unresolved issues of this type, unit: count }
  faulted: { description: Unresolved issues of this type, unit: count }
  billing: { description: Unresolved issues of this type, unit: count }
  firmware: { description: Unresolved issues of this type, unit: count }
  critical: { description: Unresolved issues of this severity, unit: count }
  high: { description: Unresolved issues of this severity, unit: count }
  medium: { description: Unresolved issues of this severity, unit: count }
  low: { description: Unresolved issues of this severity, unit: count }
key: []
sort: { default: open_count, allow: [] }
page: { kind: none }
answer:
  shape: object
  nest:
    by_type: { connectivity: connectivity, faulted: faulted, billing: billing, firmware: firmware }
    by_severity: { critical: critical, high: high, medium: medium, low: low }
chart: { kind: number, value: open_count, better: down, more: [critical, high] }
---*/
select count(*) filter (where state = 'open') as open_count,
       count(*) filter (where state = 'acknowledged') as acknowledged_count,
       count(*) filter (where type = 'connectivity') as connectivity,
       count(*) filter (where type = 'faulted') as faulted,
       count(*) filter (where type = 'billing') as billing,
       count(*) filter (where type = 'firmware') as firmware,
       count(*) filter (where severity = 'critical') as critical,
       count(*) filter (where severity = 'high') as high,
       count(*) filter (where severity = 'medium') as medium,
       count(*) filter (where severity = 'low') as low
from known_issues
where state <> 'resolved'
