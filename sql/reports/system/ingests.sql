/*---
title: Imported files
summary: Imported files
listing: helper
description: Imported files with their row counts, newest first.
details:
  - Rows read = new + updated + unchanged + superseded + quarantined + skipped.
params:
  source: { description: Only files of this source, example: charging_sessions }
  file: { description: Only this file, example: sessions-2024.csv }
columns:
  ingest_id: { description: ID of the import }
  file: { description: File as named at import }
  rows_read: { description: Rows in the file, unit: count }
  rows_new: { description: Rows with a new key, unit: count }
  rows_updated: { description: Rows that replaced an older row, unit: count }
  rows_unchanged: { description: Rows that changed nothing because they are equal to a row or older, unit: count }
  rows_superseded: { description: "Rows that lost to a row with the same key and another charge point, time, user or type", unit: count }
  rows_quarantined: { description: Rejected rows, unit: count }
  rows_skipped: { description: "Rows that hold no record, such as filler rows and totals", unit: count }
  source: { description: Table the file was imported into }
  ingested_at: { description: "Time, UTC" }
  seconds: { description: Duration, unit: seconds }
  mapping: { description: Mapping used, nullable: true }
  bytes: { description: Size of the file, unit: bytes, nullable: true }
  replaced_at: { description: "Time the rows were replaced by an import with --replace, UTC", nullable: true }
key: [ingest_id]
sort: { default: -ingest_id, allow: [ingest_id, file, source, rows_read, ingested_at, seconds] }
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
---*/
select ingest_id, file, rows_read, rows_new, rows_updated, rows_unchanged, rows_superseded, rows_quarantined, rows_skipped, source, ingested_at, seconds, mapping, bytes, replaced_at
from ingests
where ($source::varchar is null or source = $source::varchar)
  and ($file::varchar is null or file = $file::varchar)
