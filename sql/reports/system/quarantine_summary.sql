/*---
title: Rejected rows by reason
summary: Rejected rows by reason
listing: helper
description: Rejected rows grouped by source, file, column and reason, with the first example of each.
params:
  source: { description: Only this source, example: charging_sessions }
  file: { description: Only rows of this file, example: sessions-2024.csv }
columns:
  row_count: { description: Rows, unit: count }
  column_name: { description: Invalid column; empty if the whole row is invalid, nullable: true }
  reason: { description: Reason for the rejection }
  first_line: { description: Line of the first such row, unit: line, nullable: true }
  first_value: { description: Value in the first such row, nullable: true }
  file: { description: File of the rows }
  source: { description: Table the rows were intended for }
key: [source, file, column_name, reason]
sort: { default: -row_count, allow: [row_count, source, file] }
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
---*/
select count(*) as row_count,
       column_name,
       reason,
       min(line) as first_line,
       min_by(value, line) as first_value,
       file,
       source
from quarantine
where ($source::varchar is null or source = $source::varchar)
  and ($file::varchar is null or file = $file::varchar)
group by source, file, column_name, reason
