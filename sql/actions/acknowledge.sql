/*---
title: Acknowledge an issue
description: Records that somebody is working on an issue. Repeat it to change the note; the history is kept.
params:
  issue_id: { description: Issue ID, required: true, example: iss_62b44eb8d8e0d1c3 }
  note: { description: Note about the work in progress, example: "Field engineer dispatched, ETA 2 hours." }
  as_of: { description: "Time of the action; default: now", role: now, example: "2025-12-31 12:00:00" }
---*/
insert into issue_acknowledgements
values ($issue_id::varchar, $note::varchar, $as_of::timestamp)
