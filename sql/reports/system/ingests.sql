/*---
title: Files taken in
description: >-
  What came in when: each file with its rows read = new + updated + unchanged + quarantined, the newest first.
params:
  source: { description: Only files of this source, example: charging_sessions }
  file: { description: Only this file, example: sessions-2024.csv }
columns:
  ingest_id: { description: Number of the run }
  file: { description: File as it was named }
  rows_read: { description: Rows in the file, unit: count }
  rows_new: { description: Rows with a key the table did not have, unit: count }
  rows_updated: { description: Rows that replaced an older one, unit: count }
  rows_unchanged: { description: "Rows that left the table as it was: equal, older, or outdone by another of the file", unit: count }
  rows_quarantined: { description: Rows that could not be taken in, unit: count }
  source: { description: Source it was taken in for }
  ingested_at: { description: "When, UTC" }
  seconds: { description: How long it took, unit: seconds }
  mapping: { description: Mapping it was read by, nullable: true }
  bytes: { description: Size of the file, unit: bytes, nullable: true }
  replaced_at: { description: "When its rows gave way to a file taken in with --replace, UTC", nullable: true }
key: [ingest_id]
sort: { default: -ingest_id, allow: [ingest_id, file, source, rows_read, ingested_at, seconds] }
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
---*/
select ingest_id, file, rows_read, rows_new, rows_updated, rows_unchanged, rows_quarantined, source, ingested_at, seconds, mapping, bytes, replaced_at
from ingests
where ($source::varchar is null or source = $source::varchar)
  and ($file::varchar is null or file = $file::varchar)
