/*---
title: Quarantined rows
description: Every rejected row with its line, the value at fault, the reason and the raw text.
params:
  source: { description: Only this source, example: charging_sessions }
  file: { description: Only rows of this file, example: sessions-2024.csv }
  reason: { description: Only rows whose reason has this text, example: no number }
  line: { description: Only the row on this line of its file, example: "12" }
columns:
  quarantine_id: { description: Number of the row in the quarantine }
  source: { description: Source the row was meant for }
  file: { description: File it came from }
  line: { description: Line of the file it begins on, unit: line, nullable: true }
  column_name: { description: Column at fault; empty where the whole row is broken, nullable: true }
  value: { description: Value seen, nullable: true }
  reason: { description: What was wrong }
  raw: { description: The row as it was, nullable: true }
  quarantined_at: { description: "When it came in, UTC" }
key: [quarantine_id]
sort: { default: file, allow: [file, line, quarantined_at] }
page: { kind: limit, default: 1000000, max: 100000000 }
answer: { shape: tinybird }
---*/
select quarantine_id, source, file, line, column_name, value, reason, raw, quarantined_at
from quarantine
where ($source::varchar is null or source = $source::varchar)
  and ($file::varchar is null or file = $file::varchar)
  and ($reason::varchar is null or contains_text(reason, $reason::varchar))
  and ($line::bigint is null or line = $line::bigint)
