/*---
title: Acknowledgements of issues
description: Every acknowledgement with its note, the newest first. They stay when issues are found anew or ingested again.
http: /v0/pipes/issue_history.json
params:
  issue_id: { description: Only this issue, example: iss_62b44eb8d8e0d1c3 }
columns:
  issue_id: { description: Issue }
  acknowledged_at: { description: "When, UTC" }
  note: { description: Note, nullable: true }
key: [issue_id, note]
sort: { default: -acknowledged_at, allow: [acknowledged_at, issue_id] }
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
---*/
select issue_id, acknowledged_at, note
from issue_acknowledgements
where ($issue_id::varchar is null or issue_id = $issue_id::varchar)
