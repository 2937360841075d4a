-- The ingest log counts superseded and skipped rows, and identifies a file however it was read.
-- A new table, because DuckDB cannot alter a table that an earlier migration of the same transaction updated.
create table new_ingests as
select *, 0::bigint as rows_superseded, 0::bigint as rows_skipped, null::varchar as file_hash from ingests;
drop table ingests;
alter table new_ingests rename to ingests;
