-- One row a file taken in: rows_read = rows_new + rows_updated + rows_unchanged + rows_quarantined.
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
  -- SHA-256 of the file and of all that says how to read it.
  content_hash varchar,
  -- Header, delimiter, zone and forms of values, by which its quarantined rows can be read again.
  reading json,
  -- When its rows gave way to a file taken in with --replace.
  replaced_at timestamp,
  -- Highest number of a quarantined row so far: none is given twice.
  quarantined_up_to bigint
);
