/*---
title: Issue acknowledgements
summary: Acknowledgements of issues
description: Acknowledgements of issues with their notes, newest first.
details:
  - Acknowledgements are kept when issues are detected or imported again.
http: /v0/pipes/issue_history.json
params:
  issue_id: { description: Only this issue, example: iss_62b44eb8d8e0d1c3 }
columns:
  issue_id: { description: Issue ID }
  acknowledged_at: { description: "Time, UTC" }
  note: { description: Note, nullable: true }
key: [issue_id, note]
sort: { default: -acknowledged_at, allow: [acknowledged_at, issue_id] }
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
---*/
select issue_id, acknowledged_at, note
from issue_acknowledgements
where ($issue_id::varchar is null or issue_id = $issue_id::varchar)
