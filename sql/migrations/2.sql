-- The ingest log identifies files by content and records how each was read; quarantined rows are numbered.
alter table ingests add column mapping varchar;
alter table ingests add column bytes bigint;
alter table ingests add column content_hash varchar;
alter table ingests add column reading json;
alter table ingests add column replaced_at timestamp;
alter table ingests add column quarantined_up_to bigint;
alter table quarantine add column quarantine_id bigint;
update quarantine set quarantine_id = rowid + 1;
update ingests set quarantined_up_to = (select max(quarantine_id) from quarantine);
