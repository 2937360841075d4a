/*---
title: Extent of the sessions
description: First and last start and end of all sessions in the table, whatever is selected.
columns:
  first_start: { description: First session start, nullable: true }
  last_start: { description: Last session start, nullable: true }
  first_end: { description: First session end, nullable: true }
  last_end: { description: Last session end, nullable: true }
---*/
select min(start_time) as first_start, max(start_time) as last_start, min(end_time) as first_end, max(end_time) as last_end
from charging_sessions
