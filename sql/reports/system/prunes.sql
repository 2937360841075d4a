/*---
title: Pruned events
summary: Deleted old events
listing: helper
description: "Events that wattduck prune deleted, by type, newest first."
details:
  - Imported rows that are new, less those deleted here, are the stored rows, unless rows were deleted in another way.
  - Importing a file again with --force brings its events back.
params:
  event_type: { description: Only this event type, example: meter }
columns:
  prune_id: { description: ID of the run }
  event_type: { description: Event type in lower case }
  pruned_before: { description: "Events before this time were deleted, UTC" }
  rows_deleted: { description: Deleted events, unit: count }
  rows_kept: { description: "Older events that stayed: last states, and those of sessions that had not ended", unit: count }
  pruned_at: { description: "Time of the run, UTC" }
key: [prune_id, event_type]
sort: { default: -prune_id, allow: [prune_id, event_type, pruned_before, rows_deleted, pruned_at] }
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
---*/
select prune_id, event_type, pruned_before, rows_deleted, rows_kept, pruned_at
from prunes
where ($event_type::varchar is null or event_type = $event_type::varchar)
