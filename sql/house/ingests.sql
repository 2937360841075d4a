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
  seconds double not null
);
