-- The tables of schema version 2, with a quarantined row for every reason it gave that version 3 words differently, and some it keeps.
create table ingests (ingest_id bigint not null, source varchar not null, file varchar not null, format varchar not null, rows_read bigint not null, rows_new bigint not null,
  rows_updated bigint not null, rows_unchanged bigint not null, rows_quarantined bigint not null, ingested_at timestamp not null, seconds double not null, mapping varchar, bytes bigint,
  content_hash varchar, reading json, replaced_at timestamp, quarantined_up_to bigint);
create table quarantine (ingest_id bigint not null, source varchar not null, file varchar not null, line bigint, column_name varchar, value varchar, reason varchar not null, raw varchar,
  quarantined_at timestamp not null, quarantine_id bigint);
create table schema_version (version integer not null);
insert into schema_version values (2);
insert into ingests values (1, 'charging_sessions', 'old.csv', 'csv', 20, 0, 0, 0, 20, timestamp '2026-01-01', 0.1, null, 100, 'x', null, null, 20);
insert into quarantine
select 1, 'charging_sessions', 'old.csv', number + 1, 'c', 'v', reason, 'r', timestamp '2026-01-01', number
from (select unnest([
  'is no number', 'is no number, or too large', 'is no whole number', 'is neither true nor false', 'is no date and time', 'is no date', 'is no JSON',
  'is no JSON object', 'is not valid UTF-8', 'is no IANA time zone', 'is none of AC, DC', 'is none of critical, high, medium, low',
  'names something that is no metric of customers',
  'has more than comparisons of metrics with numbers or quoted texts, AND, OR, NOT and parentheses', 'is no whole condition',
  'is missing', 'is before start_time', 'has 3 fields, fewer than the 5 of the header', 'is no good, says a check of the user', 'may be day first or month first'
]) as reason, unnest(range(1, 21)) as number);
