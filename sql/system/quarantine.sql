-- One row per rejected row of a file: its line, the first error and the original text.
create table quarantine (
  ingest_id bigint not null,
  source varchar not null,
  file varchar not null,
  line bigint,
  column_name varchar,
  value varchar,
  reason varchar not null,
  raw varchar,
  quarantined_at timestamp not null,
  quarantine_id bigint
);
