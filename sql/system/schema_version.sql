-- Version of the system tables.
create table schema_version (version integer not null);
