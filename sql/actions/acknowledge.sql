/*---
title: Acknowledge an issue
description: Records that somebody knows of an issue and works on it; again with another note keeps the newest and the history.
params:
  issue_id: { description: The issue, required: true, example: iss_62b44eb8d8e0d1c3 }
  note: { description: "What is done about it", example: "Field engineer dispatched, ETA 2 hours." }
  as_of: { description: When; now without it, role: now, example: "2025-12-31 12:00:00" }
---*/
insert into issue_acknowledgements
values ($issue_id::varchar, $note::varchar, $as_of::timestamp)
