/*---
title: Rejected rows
summary: Rejected rows
listing: helper
description: Rejected rows with line, invalid value, reason and original text.
params:
  source: { description: Only this source, example: charging_sessions }
  file: { description: Only rows of this file, example: sessions-2024.csv }
  reason: { description: Only rows whose reason contains this text, example: not a valid number }
  line: { description: Only the row on this line of its file, example: "12" }
columns:
  quarantine_id: { description: ID of the rejected row }
  source: { description: Table the row was intended for }
  file: { description: File of the row }
  line: { description: First line of the row in the file, unit: line, nullable: true }
  column_name: { description: Invalid column; empty if the whole row is invalid, nullable: true }
  value: { description: Value in the file, nullable: true }
  reason: { description: Reason for the rejection }
  raw: { description: Row as it is in the file, nullable: true }
  quarantined_at: { description: "Time of the import, UTC" }
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
