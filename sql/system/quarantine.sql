-- One row a rejected row of a file: where it stands, what was wrong first, and its text as it was.
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
