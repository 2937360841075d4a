-- One row per imported file: rows_read = rows_new + rows_updated + rows_unchanged + rows_superseded + rows_quarantined + rows_skipped.
create table ingests (
  ingest_id bigint not null,
  source varchar not null,
  file varchar not null,
  format varchar not null,
  rows_read bigint not null,
  rows_new bigint not null,
  rows_updated bigint not null,
  rows_unchanged bigint not null,
  rows_quarantined bigint not null,
  ingested_at timestamp not null,
  seconds double not null,
  mapping varchar,
  bytes bigint,
  -- SHA-256 of the file and of the options and mapping it was read with.
  content_hash varchar,
  -- Header, delimiter, time zone and formats, needed to retry its quarantined rows.
  reading json,
  -- When its rows were replaced by an import with --replace.
  replaced_at timestamp,
  -- Highest number of a quarantined row so far; numbers are not reused.
  quarantined_up_to bigint,
  -- Rows that lost to a row with the same key but another identity.
  rows_superseded bigint,
  -- Rows that are neither imported nor rejected: filler rows, totals.
  rows_skipped bigint,
  -- SHA-256 of the file alone: importing it again in another way replaces its quarantined rows.
  file_hash varchar
);
